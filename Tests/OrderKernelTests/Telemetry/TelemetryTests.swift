import Logging
import OrderKernelTesting
import ServiceLifecycleTestKit
import Testing

@testable import OrderKernel

/// What a request brings along in these tests.
struct TestMetadata: RequestMetadata {
    var headers: [String: [String]] = [:]
    var attributes: [TelemetryAttribute] = []

    func values(for name: String) -> [String] { headers[name.lowercased()] ?? [] }

    func addAttributes(to attributes: inout TelemetryAttributes) { attributes.append(contentsOf: self.attributes) }
}

extension Telemetry {
    /// Observes one request from its beginning to its end.
    @discardableResult
    func observe(
        _ outcome: Outcome, on route: RequestRoute, metadata: TestMetadata? = nil
    ) -> RequestContext {
        let request = OrderRequest(
            .get(1), context: RequestContext(id: .random(), route: route, deadline: .now, metadata: metadata))
        let observation = begin(request.context)
        end(observation, request, outcome)
        return request.context
    }

    /// Runs a pipeline until all that waits is exported.
    func flush(_ pipelines: ExporterPipeline...) async {
        await testGracefulShutdown { trigger in
            trigger.triggerGracefulShutdown()
            for pipeline in pipelines { await pipeline.run() }
        }
    }
}

@Suite("Telemetry")
struct TelemetryTests {
    let telemetry = Telemetry(resource: [TelemetryAttribute("service.name", .string("order"))])
    let exporter = RecordingExporter()
    static let notFound = Outcome.problem(Problem(.unknownOrder, "There is no order 1."))
    static let broken = Outcome.problem(Problem(.internal, "Something went wrong."))

    private func route(_ telemetry: Telemetry) -> RequestRoute {
        telemetry.route(
            name: "GET /orders/{id}", attributes: [TelemetryAttribute("http.route", .string("/orders/{id}"))],
            logLevel: .info,
            metric: RequestMetric(name: "http.server.request.duration", statusKey: "http.response.status_code"))
    }

    private func attach(_ telemetry: Telemetry) -> ExporterPipeline {
        telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
    }

    @Test("a request becomes a span with the caller's span as its parent")
    func span() async throws {
        let pipeline = attach(telemetry)
        let metadata = TestMetadata(
            headers: ["traceparent": [TraceContextTests.header], "tracestate": ["a=1"]],
            attributes: [TelemetryAttribute("url.path", .string("/orders/1"))])
        let context = telemetry.observe(Self.notFound, on: route(telemetry), metadata: metadata)
        await telemetry.flush(pipeline)
        let span = try #require(exporter.spans.first)
        #expect(exporter.spans.count == 1)
        #expect(span.name == "GET /orders/{id}" && span.kind == .server && span.status == .unset)
        #expect(span.context == context.trace)
        #expect(span.context.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736" && span.context.state == "a=1")
        #expect(span.parent == SpanRecord.Parent(spanID: 0x00f0_67aa_0ba9_02b7, isRemote: true))
        #expect(span.end >= span.start)
        #expect(
            span.attributes == [
                TelemetryAttribute("http.route", .string("/orders/{id}")),
                TelemetryAttribute("url.path", .string("/orders/1")),
                TelemetryAttribute("http.response.status_code", .int(404)),
            ])
        #expect(exporter.batches.first?.resource == telemetry.resource)
    }

    @Test("a failure of the service makes the span an error, of the same type as the measurement")
    func failure() async throws {
        let pipeline = attach(telemetry)
        telemetry.observe(Self.broken, on: route(telemetry))
        await telemetry.flush(pipeline)
        let type = TelemetryAttribute("error.type", .string("500"))
        #expect(exporter.spans.first?.status == .error(""))
        #expect(exporter.spans.first?.attributes.contains(type) == true)
        guard case .histogram(let points) = exporter.metrics.first?.data else {
            Issue.record("no histogram")
            return
        }
        #expect(points.first?.attributes.contains(type) == true)
    }

    @Test("each status of a route has its own point of the transport's metric")
    func metrics() async throws {
        let pipeline = attach(telemetry)
        let route = route(telemetry)
        for outcome in [Self.notFound, Self.broken, Self.notFound] { telemetry.observe(outcome, on: route) }
        await telemetry.flush(pipeline)
        let metric = try #require(exporter.metrics.first)
        #expect(metric.name == "http.server.request.duration" && metric.unit == "s")
        guard case .histogram(let points) = metric.data else {
            Issue.record("no histogram")
            return
        }
        #expect(points.map(\.value.count) == [2, 1])
        #expect(points[0].value.bounds.count == 14)
        #expect(points[0].attributes.contains(TelemetryAttribute("http.response.status_code", .int(404))))
    }

    @Test("a trace that is not sampled is carried on with a span id of its own, and nothing is recorded")
    func unsampled() async {
        let pipeline = attach(telemetry)
        let header = String(TraceContextTests.header.dropLast(2)) + "00"
        let context = telemetry.observe(
            Self.notFound, on: route(telemetry), metadata: TestMetadata(headers: ["traceparent": [header]]))
        await telemetry.flush(pipeline)
        #expect(exporter.spans.isEmpty)
        #expect(context.trace?.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.trace?.spanID != 0x00f0_67aa_0ba9_02b7)
        #expect(context.trace?.isSampled == false)
    }

    @Test("without an exporter that takes spans the caller's context is passed on as it came")
    func noExporter() {
        let metadata = TestMetadata(headers: ["traceparent": [TraceContextTests.header]])
        let context = telemetry.observe(Self.notFound, on: route(telemetry), metadata: metadata)
        #expect(context.trace?.traceparent == TraceContextTests.header)
        #expect(telemetry.collect().isEmpty)
    }

    @Test("a metric says whether it is recorded or only observed")
    func observed() {
        telemetry.observe(Self.notFound, on: route(telemetry))
        telemetry.observe { [MetricRecord(name: "level", data: .gauge([]))] }
        #expect(telemetry.collect().filter(\.isObserved).map(\.name) == ["level"])
    }

    @Test("an exporter is given only the signals it takes")
    func signals() async {
        var demand = TelemetryDemand()
        demand.signals = .metrics
        let exporter = RecordingExporter(demand: demand)
        let pipelines = (attach(telemetry), telemetry.attach(exporter, name: "b", logger: Logger(label: "b")))
        telemetry.observe(Self.notFound, on: route(telemetry))
        await telemetry.flush(pipelines.0, pipelines.1)
        #expect(exporter.spans.isEmpty && !exporter.metrics.isEmpty)
        #expect(self.exporter.spans.count == 1)
    }
}
