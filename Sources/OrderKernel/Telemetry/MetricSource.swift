/// Where an exporter that is asked for metrics, rather than given them, takes them from.
public struct MetricSource: Sendable {
    private let telemetry: Telemetry?

    /// Has no metrics.
    init() { telemetry = nil }

    init(_ telemetry: Telemetry) { self.telemetry = telemetry }

    /// What the service is: `service.name`, `service.version` and so on.
    public var resource: [TelemetryAttribute] { telemetry?.resource ?? [] }

    /// All metrics as they stand, and what the service is.
    public func collect() -> TelemetryBatch {
        TelemetryBatch(resource: telemetry?.resource ?? [], metrics: telemetry?.collect() ?? [])
    }
}
