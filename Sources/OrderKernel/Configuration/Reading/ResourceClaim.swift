/// What one instance needs for itself alone, and which setting says so.
struct ResourceClaim: Sendable, Equatable {
    var resource: ExclusiveResource
    /// Where the setting's value stands, or else the key of its section.
    var origin: ConfigurationOrigin
    /// Dotted path of the setting; one setting never conflicts with itself.
    var path: String
    /// Dotted path of the plugin instance.
    var instance: String
    /// Names of the `${…}` that the setting's value came from: it is not repeated in messages then.
    var substituted: [String] = []
}
