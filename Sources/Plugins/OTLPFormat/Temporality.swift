public import OrderKernel

/// Since when the points of metrics add up.
///
/// Source: OpenTelemetry, Metrics Exporter - OTLP, "Additional Configuration".
public enum Temporality: String, ChoiceValue {
    /// Since the metric began.
    case cumulative
    /// Since the point before, where the metric only grows.
    case delta
    /// The same, but for what is only observed: its points before need not be remembered.
    case lowMemory = "lowmemory"

    /// Whether the points of a metric are differences.
    public func isDelta(_ metric: MetricRecord) -> Bool {
        switch metric.data {
        case .sum(_, isMonotonic: true), .histogram: self == .delta || self == .lowMemory && !metric.isObserved
        default: false
        }
    }
}
