package import Metrics
internal import Synchronization

/// Brings what plugins record through swift-metrics to the exporters.
package struct TelemetryMetricsFactory: MetricsFactory {
    private let registry: MetricRegistry

    package init(_ telemetry: Telemetry) {
        self.registry = telemetry.registry
    }

    /// Bounds that OpenTelemetry gives histograms without their own.
    private static let bounds: [Double] = [
        0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
    ]

    /// What swift-metrics has no word for, of metrics that OpenTelemetry's conventions name.
    private static let descriptions = [
        "db.client.connection.create_time": "How long it took to make a connection.",
        "db.client.connection.wait_time": "How long a request waited for a connection.",
        "db.client.connection.use_time": "How long a connection was used at a time.",
    ]

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        TelemetryMetric(cell(label, dimensions, .counter))
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        TelemetryMetric(cell(label, dimensions, .sum))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        TelemetryMetric(cell(label, dimensions, .gauge))
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        TelemetryMetric(cell(label, dimensions, aggregate ? .histogram(bounds: Self.bounds) : .gauge))
    }

    /// Timers are histograms in seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let bounds = label.hasPrefix("db.client.") ? StorageMeter.bounds : RequestMetric.standardBounds
        return TelemetryMetric(cell(label, dimensions, .histogram(bounds: bounds), unit: "s"))
    }

    // What was recorded stays: the points are cumulative.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func cell(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricRegistry.Descriptor.Kind, unit: String = ""
    ) -> MetricCell {
        registry.cell(
            MetricRegistry.Descriptor(
                name: name, description: Self.descriptions[name] ?? "", unit: unit, kind: kind),
            dimensions.map { TelemetryAttribute($0.0, .string($0.1)) })
    }
}

/// A cell of the registry as swift-metrics writes to it.
private final class TelemetryMetric: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
{
    private let cell: MetricCell

    init(_ cell: MetricCell) {
        self.cell = cell
    }

    func increment(by amount: Int64) {
        guard case .counter(let counter) = cell, amount > 0 else { return }
        counter.value.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        switch cell {
        case .sum(let sum) where amount > 0 && amount.isFinite: sum.value.add(amount)
        case .gauge(let gauge): gauge.value.add(amount)
        default: break
        }
    }

    func decrement(by amount: Double) {
        if case .gauge(let gauge) = cell { gauge.value.add(-amount) }
    }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) {
        if case .gauge(let gauge) = cell { gauge.value.set(value) }
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        switch cell {
        case .histogram(let histogram): histogram.record(value)
        case .gauge(let gauge): gauge.value.set(value)
        default: break
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    /// Counters do not go back: a cumulative point keeps its beginning.
    func reset() {}
}
