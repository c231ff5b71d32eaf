import InMemoryLogging
import Logging
import OrderKernel
import OrderKernelTesting
import Testing

@testable import ConsolePlugin

@Suite("ConsoleExporter")
struct ConsoleExporterTests {
    let log = InMemoryLogHandler()

    private func exporter(_ level: Logger.Level) -> ConsoleExporter {
        var logger = Logger(label: "console") { _ in log }
        logger.logLevel = level
        return ConsoleExporter(logger: logger)
    }

    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(ConsoleExporter.self).check(rule)
    }

    @Test("it keeps the contract of every exporter", arguments: ExporterContract.rules)
    func exporter(rule: ExporterContract.Rule) async {
        await ExporterContract { ConsoleExporter(try .init(yaml: ""), context: $0) }.check(rule)
    }

    @Test("a finished span is a line at debug")
    func span() async throws {
        let span = SpanRecord(
            name: "GET /orders/{id}", kind: .server, context: TraceContext(traceID: 0xab, spanID: 0xcd, flags: 1),
            start: TelemetryTime(nanoseconds: 1_000_000), end: TelemetryTime(nanoseconds: 3_500_000),
            attributes: [TelemetryAttribute("http.route", .string("/orders/{id}"))])
        try await exporter(.debug).export(TelemetryBatch(spans: [span]))
        let entry = try #require(log.entries.first)
        #expect(entry.level == .debug && entry.message == "span GET /orders/{id}")
        #expect(entry.metadata["duration_ms"] == "2.5" && entry.metadata["span"] == "00000000000000cd")
        #expect(entry.metadata["http.route"] == "/orders/{id}")
    }

    @Test("each point of a metric is a line at info")
    func metrics() async throws {
        let time = TelemetryTime(nanoseconds: 0)
        let histogram = MetricRecord(
            name: "http.server.request.duration", unit: "s",
            data: .histogram([
                MetricRecord.Point(
                    attributes: [TelemetryAttribute("http.response.status_code", .int(200))], start: time, time: time,
                    value: MetricRecord.Distribution(bounds: [0.005, 0.01], counts: [3, 0, 1], sum: 2.5))
            ]))
        let counter = MetricRecord(
            name: "hits",
            data: .sum(
                [MetricRecord.Point(attributes: [], start: time, time: time, value: .int(7))], isMonotonic: true))
        try await exporter(.info).export(TelemetryBatch(metrics: [histogram, counter]))
        #expect(log.entries.map(\.message) == ["metric http.server.request.duration", "metric hits"])
        #expect(
            log.entries.first?.metadata == [
                "count": "4", "sum": "2.5", "buckets": "≤ 0.005: 3, more: 1", "unit": "s",
                "http.response.status_code": "200",
            ])
        #expect(log.entries.last?.metadata == ["value": "7"])
    }

    @Test("what was never counted or timed has no line; a gauge that is zero has one")
    func zeros() async throws {
        let time = TelemetryTime(nanoseconds: 0)
        func point<Value>(_ value: Value) -> MetricRecord.Point<Value> {
            MetricRecord.Point(attributes: [], start: time, time: time, value: value)
        }
        let nothing = MetricRecord.Distribution(bounds: [1], counts: [0, 0], sum: 0)
        let metrics = [
            MetricRecord(
                name: "hits", data: .sum([point(.int(0)), point(.double(0)), point(.int(2))], isMonotonic: true)),
            MetricRecord(name: "open", data: .sum([point(.int(0))], isMonotonic: false)),
            MetricRecord(name: "wait", data: .histogram([point(nothing)])),
            MetricRecord(name: "lag", data: .gauge([point(.int(0))])),
        ]
        try await exporter(.info).export(TelemetryBatch(metrics: metrics))
        #expect(log.entries.map { "\($0.message) \($0.metadata["value"] ?? "")" } == ["metric hits 2", "metric lag 0"])
    }

    @Test(
        "it takes only what the log shows",
        arguments: [(.debug, [.spans, .metrics]), (.info, .metrics), (.notice, [])]
            as [(Logger.Level, TelemetrySignals)])
    func demand(level: Logger.Level, signals: TelemetrySignals) {
        #expect(exporter(level).demand.signals == signals)
        #expect(exporter(level).demand.metricInterval == nil)
    }

    @Test("it takes nothing where variables name no signal for it")
    func noSignals() throws {
        let names = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"]
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "none") })
        let context = PluginContext.standalone("console", logger: Logger(label: "console"), time: SystemTime())
        let exporter = ConsoleExporter(try .init(yaml: "", environment: environment), context: context)
        #expect(exporter.demand.signals == [])
    }
}
