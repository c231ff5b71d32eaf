package import Logging

/// A profile that was found valid: everything that is needed to start, nothing opened yet.
package struct ServicePlan: Sendable {
    package var service: ServiceSettings
    package var rules: OrderRules
    package var recording = RecordingSettings()
    package var logging: LoggingSettings
    package var storage: PlannedPlugin<any StoragePlugin>
    package var transports: [PlannedPlugin<any TransportPlugin>]
    /// Whether one of the transports serves until it is told to stop.
    package var servesOn: Bool
    package var exporters: [PlannedPlugin<any ExporterPlugin>]
    /// In the profile's order.
    package var middleware: [PlannedPlugin<any MiddlewarePlugin>]
    /// What the operator should know, though it keeps nothing from starting.
    package var warnings: [String] = []
    /// What the plugins need for themselves alone, and the profiles' files.
    var claims: [ResourceClaim] = []
    /// Whether a plugin reads standard input, or a profile came from it.
    package var readsStandardInput = false

    /// How many file descriptors each plugin needs that needs many, by the setting that says so.
    package var descriptors: [(path: String, count: Int)] {
        claims.compactMap { if case .descriptors(let count) = $0.resource { ($0.path, count) } else { nil } }
    }
}

/// A plugin instance with its settings read.
package struct PlannedPlugin<Instance: Sendable>: Sendable {
    /// Name as the profile has it, such as `http/admin`.
    package var name: String
    /// Makes the plugin; opens nothing.
    package var make: @Sendable (PluginContext) throws -> Instance
}

/// The profile's `service` section.
package struct ServiceSettings: Sendable {
    /// What telemetry calls the service.
    package var name: String
    /// How long everything is still served after the signal to stop.
    package var shutdownDelay: Duration
    /// How long what is in flight may then take.
    package var shutdownGrace: Duration
}

/// The profile's `logging` section.
package struct LoggingSettings: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        /// Text on a terminal, JSON elsewhere.
        case auto
        case text
        case json
    }

    package var level: Logger.Level
    package var format: Format
}
