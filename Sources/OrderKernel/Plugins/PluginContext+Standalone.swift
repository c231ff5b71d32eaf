public import Logging

extension PluginContext {
    /// Makes a context for a plugin that runs outside of a service, as in a test.
    ///
    /// Whoever makes it calls the plugin's `run` and reads what the plugin says from ``state``.
    /// - Parameters:
    ///   - instance: Name of the instance, such as `http/admin`.
    ///   - servesOn: Whether there is said to be a transport that serves until it is told to stop.
    public static func standalone(
        _ instance: String, logger: Logger, time: any TimeSource, servesOn: Bool = false
    ) -> PluginContext {
        let entry = Readiness(time: time).add(kind: "plugin", name: instance)
        return PluginContext(instance: instance, logger: logger, time: time, readiness: entry, servesOn: servesOn)
    }

    /// Makes a context for an exporter that takes the metrics of a service that runs in a test.
    /// - Parameter instance: Name of the instance, such as `prometheus`.
    public static func standalone(
        exporter instance: String, of telemetry: Telemetry, logger: Logger, time: any TimeSource
    ) -> PluginContext {
        let entry = Readiness(time: time).add(kind: "exporter", name: instance)
        return PluginContext(
            instance: instance, logger: logger, time: time, metrics: MetricSource(telemetry), readiness: entry)
    }

    /// Makes a context for a transport that serves outside of an application, as in a test.
    ///
    /// What the transport says of itself shows in the service's ``OrderService/readiness``.
    /// - Parameter instance: Name of the instance, such as `http/admin`.
    public static func standalone(
        transport instance: String, serving service: OrderService, logger: Logger, time: any TimeSource
    ) -> PluginContext {
        let entry = service.readiness.add(kind: "transport", name: instance)
        return PluginContext(instance: instance, logger: logger, time: time, readiness: entry)
    }

    /// What the plugin said last; `starting` until it has said anything.
    public var state: Readiness.State { readiness.state }

    /// Waits until the plugin has said ready or unavailable for the first time.
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func waitUntilSettled() async throws {
        try await readiness.settled.wait()
    }
}
