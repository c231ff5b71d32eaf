/// What one instance needs for itself alone, and which setting says so.
struct ResourceClaim: Sendable, Equatable {
    var resource: ExclusiveResource
    /// Where the setting's value stands, or else the key of its section.
    var origin: ConfigurationOrigin
    /// Dotted path of the setting.
    var path: String
    /// Dotted path of the plugin instance; one instance never conflicts with itself.
    var instance: String
}
