/// A setting that is given to no effect.
struct IdleSetting: Sendable, Equatable {
    /// Dotted path.
    let path: String
    /// Where its value stands.
    let origin: ConfigurationOrigin
    /// Why it has none, and what to do.
    let reason: String
}
