public import Logging

/// What the kernel gives a plugin.
public struct PluginContext: Sendable {
    /// Name of the instance as the profile has it, such as `http/admin`.
    public let instance: String
    /// The only logger that a plugin uses.
    public let logger: Logger
    /// The only clock that a plugin uses, so that its tests need not wait.
    public let time: any TimeSource
    /// What the service measures, for exporters that are asked for it.
    public let metrics: MetricSource
    /// Whether a transport of the service serves until it is told to stop. Without one, the service ends with its
    /// inputs, and nobody is helped by a plugin that waits for what it needs.
    public let servesOn: Bool
    let readiness: Readiness.Entry

    init(
        instance: String, logger: Logger, time: any TimeSource, metrics: MetricSource = MetricSource(),
        readiness: Readiness.Entry, servesOn: Bool = false
    ) {
        self.instance = instance
        self.logger = logger
        self.time = time
        self.metrics = metrics
        self.readiness = readiness
        self.servesOn = servesOn
    }

    /// Says that the plugin does its work, for the first time or again.
    public func ready() {
        readiness.set(.ready)
    }

    /// Says that the plugin cannot do its work at the moment. Requests still reach it, so that it can recover.
    /// - Parameter code: Short identifier in `snake_case` that `/readyz` shows: `disk_full`.
    public func unavailable(_ code: String) {
        readiness.set(.unavailable(code))
    }
}
