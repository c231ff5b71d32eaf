internal import Logging
public import OrderKernel

/// Logs finished spans at `debug`, and the metrics at `info` once, when the service ends.
///
/// It takes only what the log's level shows, so that no span is recorded for nobody. Of what was never counted or
/// timed it says nothing: those lines would hide all others.
public struct ConsoleExporter: ExporterPlugin {
    public static let name = "console"
    public static let summary = "Logs finished spans at debug, and the metrics once, at the end."

    public struct Configuration: PluginConfiguration {
        let signals: TelemetrySignals

        public init(from settings: inout Settings) {
            signals = TelemetrySignals.read(from: &settings, exporter: ConsoleExporter.name)
        }
    }

    private let logger: Logger
    private let signals: TelemetrySignals

    public init(_ configuration: Configuration, context: PluginContext) {
        self.init(logger: context.logger, signals: configuration.signals)
    }

    init(logger: Logger, signals: TelemetrySignals = .all) {
        self.logger = logger
        self.signals = signals
    }

    public var demand: TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = []
        if logger.logLevel <= .debug { demand.signals.insert(.spans) }
        if logger.logLevel <= .info { demand.signals.insert(.metrics) }
        demand.signals.formIntersection(signals)
        demand.metricInterval = nil
        return demand
    }

    public func export(_ batch: TelemetryBatch) async throws {
        for span in batch.spans { log(span) }
        for metric in batch.metrics { log(metric) }
    }

    private func log(_ span: SpanRecord) {
        var facts = metadata(span.attributes)
        facts["trace"] = "\(span.context.traceIDText)"
        facts["span"] = "\(span.context.spanIDText)"
        facts["duration_ms"] = "\(Double(span.end.nanoseconds - span.start.nanoseconds) / 1_000_000)"
        if case .error = span.status { facts["failed"] = "true" }
        logger.debug("span \(span.name)", metadata: facts)
    }

    private func log(_ metric: MetricRecord) {
        switch metric.data {
        case .sum(let points, _):
            for point in points where !isZero(point.value) { log(metric, point, ["value": "\(text(point.value))"]) }
        case .gauge(let points):
            for point in points { log(metric, point, ["value": "\(text(point.value))"]) }
        case .histogram(let points):
            for point in points where point.value.count > 0 { log(metric, point, facts(point.value)) }
        @unknown default:
            break
        }
    }

    private func log<Value>(_ metric: MetricRecord, _ point: MetricRecord.Point<Value>, _ facts: Logger.Metadata) {
        var facts = facts.merging(metadata(point.attributes)) { own, _ in own }
        if !metric.unit.isEmpty { facts["unit"] = "\(metric.unit)" }
        logger.info("metric \(metric.name)", metadata: facts)
    }

    private func facts(_ distribution: MetricRecord.Distribution) -> Logger.Metadata {
        var buckets = zip(distribution.bounds, distribution.counts).filter { $0.1 > 0 }.map { "≤ \($0): \($1)" }
        if let beyond = distribution.counts.last, beyond > 0 { buckets.append("more: \(beyond)") }
        return [
            "count": "\(distribution.count)", "sum": "\(distribution.sum)",
            "buckets": "\(buckets.joined(separator: ", "))",
        ]
    }

    private func isZero(_ number: MetricRecord.Number) -> Bool {
        switch number {
        case .int(let value): value == 0
        case .double(let value): value == 0
        }
    }

    private func text(_ number: MetricRecord.Number) -> String {
        switch number {
        case .int(let value): String(value)
        case .double(let value): String(value)
        }
    }

    private func metadata(_ attributes: some Sequence<TelemetryAttribute>) -> Logger.Metadata {
        Logger.Metadata(attributes.map { ($0.key, "\($0.value)") }) { $1 }
    }
}
