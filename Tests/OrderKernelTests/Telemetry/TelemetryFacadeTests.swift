import Logging
import Metrics
import OrderKernelTesting
import Testing
import Tracing

@testable import OrderKernel

@Suite("TelemetryMetricsFactory")
struct TelemetryMetricsFactoryTests {
    let telemetry = Telemetry()

    @Test("what is recorded through swift-metrics is collected")
    func kinds() {
        let factory = TelemetryMetricsFactory(telemetry)
        Counter(label: "hits", dimensions: [("kind", "a")], factory: factory).increment(by: 3)
        Counter(label: "hits", dimensions: [("kind", "a")], factory: factory).increment()
        FloatingPointCounter(label: "work", factory: factory).increment(by: 1.5)
        Meter(label: "depth", factory: factory).set(7)
        Recorder(label: "size", factory: factory).record(20)
        Timer(label: "took", factory: factory).recordMilliseconds(30)
        let point = { (value: MetricRecord.Data?) -> [MetricRecord.Number] in
            switch value {
            case .sum(let points, _), .gauge(let points): points.map(\.value)
            default: []
            }
        }
        let metrics = telemetry.collect()
        #expect(metrics.map(\.name) == ["hits", "work", "depth", "size", "took"])
        #expect(metrics.prefix(3).map { point($0.data) } == [[.int(4)], [.double(1.5)], [.double(7)]])
        guard case .histogram(let sizes) = metrics[3].data, case .histogram(let times) = metrics[4].data else {
            Issue.record("no histograms")
            return
        }
        #expect(sizes[0].value.sum == 20 && sizes[0].value.count == 1)
        #expect(times[0].value.sum == 0.03 && metrics[4].unit == "s")
    }
}

@Suite("TelemetryTracer")
struct TelemetryTracerTests {
    let telemetry = Telemetry()
    let exporter = RecordingExporter()

    private struct Carrier: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private func attach() -> ExporterPipeline {
        telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
    }

    @Test("a span within a span is its child, with what was said of it")
    func nested() async throws {
        let pipeline = attach()
        let tracer = TelemetryTracer(telemetry)
        tracer.withSpan("outer", ofKind: .client) { outer in
            outer.attributes["db.system.name"] = "postgresql"
            outer.addEvent("connected")
            outer.setStatus(SpanStatus(code: .error, message: "refused"))
            tracer.withSpan("inner") { _ in }
        }
        await telemetry.flush(pipeline)
        try #require(exporter.spans.map(\.name) == ["inner", "outer"])
        let (inner, outer) = (exporter.spans[0], exporter.spans[1])
        #expect(inner.parent == SpanRecord.Parent(spanID: outer.context.spanID, isRemote: false))
        #expect(inner.context.traceID == outer.context.traceID && outer.parent == nil)
        #expect(outer.kind == .client && outer.status == .error("refused"))
        #expect(outer.attributes == [TelemetryAttribute("db.system.name", .string("postgresql"))])
        #expect(outer.events.map(\.name) == ["connected"])
    }

    @Test("a span that ends twice is recorded once")
    func endsTwice() async {
        let pipeline = attach()
        let span = TelemetryTracer(telemetry).startSpan("work")
        span.end()
        span.end()
        #expect(!span.isRecording)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.count == 1)
    }

    @Test("what is beyond the limits of a span is left out and counted")
    func limits() async throws {
        let pipeline = attach()
        let span = TelemetryTracer(telemetry).startSpan("work")
        for number in 0..<130 {
            span.attributes["key\(number)"] = number
            span.addEvent(SpanEvent(name: "event"))
        }
        span.end()
        await telemetry.flush(pipeline)
        let record = try #require(exporter.spans.first)
        #expect(record.attributes.count == 128 && record.events.count == 128)
        #expect(record.dropped.attributes == 2 && record.dropped.events == 2)
    }

    @Test("context is taken from and given to a carrier")
    func propagation() {
        let tracer = TelemetryTracer(telemetry)
        let incoming = ["traceparent": TraceContextTests.header, "tracestate": "a=1"]
        var context = ServiceContext.topLevel
        tracer.extract(incoming, into: &context, using: Carrier())
        var outgoing: [String: String] = [:]
        tracer.inject(context, into: &outgoing, using: Carrier())
        #expect(outgoing == incoming)
    }

    @Test("without an exporter that takes spans nothing is recorded")
    func noExporter() {
        #expect(!TelemetryTracer(telemetry).startSpan("work").isRecording)
    }
}
