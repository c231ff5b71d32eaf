internal import Synchronization

/// Counts what becomes of the telemetry of one exporter, as OpenTelemetry's conventions for its SDKs have it.
struct ExporterMeter: Sendable {
    enum Signal: String {
        case span
        case log
        case point = "metric_data_point"

        fileprivate var unit: String {
            switch self {
            case .span: "{span}"
            case .log: "{log_record}"
            case .point: "{data_point}"
            }
        }
    }

    private let name: String
    private let plugin: String
    private let demand: TelemetryDemand
    private let registry: MetricRegistry

    /// - Parameters:
    ///   - name: Of the instance.
    ///   - plugin: Name of the exporter's plugin.
    init(_ name: String, _ plugin: String, _ demand: TelemetryDemand, _ registry: MetricRegistry) {
        self.name = name
        self.plugin = plugin
        self.demand = demand
        self.registry = registry
    }

    /// What sends a signal, as the conventions name it: `otlp_grpc_span_exporter`.
    private func exporter(_ signal: Signal) -> [TelemetryAttribute] {
        switch signal {
        case .span: component((demand.spans.protocolName ?? plugin) + "_span_exporter")
        case .log: component((demand.logs.protocolName ?? plugin) + "_log_exporter")
        case .point: component((demand.metricProtocolName ?? plugin) + "_metric_exporter")
        }
    }

    /// What keeps a signal until it is sent.
    private func processor(_ signal: Signal) -> [TelemetryAttribute] {
        component("batching_\(signal.rawValue)_processor")
    }

    private func component(_ type: String) -> [TelemetryAttribute] {
        [
            TelemetryAttribute("otel.component.name", .string(name)),
            TelemetryAttribute("otel.component.type", .string(type)),
        ]
    }

    /// Counts what was handed to the exporter, however that ends, or dropped.
    /// - Parameter reason: Why it was dropped.
    func process(_ count: Int, _ signal: Signal, failed reason: String?) {
        add(
            count, "otel.sdk.processor.\(signal.rawValue).processed", "Records that were handed on, or dropped.",
            signal, processor(signal), error: reason)
    }

    /// Counts what was sent, and what could not be.
    /// - Parameter failed: How many of them, and why.
    func export(_ count: Int, _ signal: Signal, failed: (count: Int, reason: String)?) {
        let name = "otel.sdk.exporter.\(signal.rawValue).exported"
        let description = "Records whose export has ended; those with an error type were lost."
        let component = exporter(signal)
        add(count - (failed?.count ?? 0), name, description, signal, component, error: nil)
        if let failed { add(failed.count, name, description, signal, component, error: failed.reason) }
    }

    /// Measures an attempt to send a batch.
    /// - Parameter failed: Why it could not be sent.
    func time(_ signal: Signal, failed: String?, seconds: Double) {
        let attributes = exporter(signal) + (failed.map { [TelemetryAttribute("error.type", .string($0))] } ?? [])
        let durations = registry.histogram(
            "otel.sdk.exporter.operation.duration", "Duration of exports.", unit: "s",
            bounds: RequestMetric.standardBounds, attributes)
        durations.record(seconds)
    }

    /// How much waits in a queue, and how much may.
    func queue(_ signal: Signal, _ count: Int, _ limit: Int, at time: TelemetryTime) -> [MetricRecord] {
        let reading = MetricReading(since: registry.start, at: time)
        let name = "otel.sdk.processor.\(signal.rawValue).queue."
        let component = processor(signal)
        return [
            reading.sum(name + "size", "Records that wait for their export.", unit: signal.unit, count, component),
            reading.sum(
                name + "capacity", "Records that may wait for their export.", unit: signal.unit, limit, component),
        ]
    }

    private func add(
        _ count: Int, _ name: String, _ description: String, _ signal: Signal, _ component: [TelemetryAttribute],
        error: String?
    ) {
        guard count > 0 else { return }
        let attributes = component + (error.map { [TelemetryAttribute("error.type", .string($0))] } ?? [])
        registry.counter(name, description, unit: signal.unit, attributes).increment(by: count)
    }
}
