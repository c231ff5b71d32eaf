import Logging
import OrderKernelTesting
import Synchronization
import Testing
import Tracing

@testable import OrderKernel

/// Begins a span of its own, and says which context it found.
private struct TracingMiddleware: MiddlewarePlugin {
    static let name = "tracing"
    static let summary = "Traces."

    let tracer: TelemetryTracer

    init(tracer: TelemetryTracer) { self.tracer = tracer }
    init(_ configuration: NoSettings, context: PluginContext) throws { throw PluginError("not used") }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        try await tracer.withSpan("check") { span in
            span.attributes["bound"] = ServiceContext.current?.position?.requestID == request.context.id
            return try await next(request)
        }
    }
}

/// Begins a span of its own when it reads one order, and remembers for whom.
private final class EmptyStorage: StoragePlugin {
    static let name = "empty"
    static let summary = "Keeps nothing."

    let tracer: TelemetryTracer
    let readers = Mutex<[RequestID?]>([])  // protects whose requests have read

    init(tracer: TelemetryTracer) { self.tracer = tracer }
    init(_ configuration: NoSettings, context: PluginContext) throws { throw PluginError("not used") }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] { [] }
    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        readers.withLock { $0.append(TracePosition.current?.requestID) }
        return tracer.withSpan("look") { _ in nil }
    }
    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        []
    }
}

@Suite("OrderService and telemetry")
struct RequestSpanTests {
    let telemetry = Telemetry(time: ManualTime())
    let exporter = RecordingExporter()
    private let storage: EmptyStorage
    private let id = RequestID.random()

    init() { storage = EmptyStorage(tracer: TelemetryTracer(telemetry)) }

    private func respond(
        headers: [String: [String]] = [:], through middleware: [TracingMiddleware]? = nil
    ) async -> Outcome {
        let middleware = middleware ?? [TracingMiddleware(tracer: storage.tracer)]
        let rules = OrderRules(woodTypes: ["oak"], requiresCustomer: true, transitions: [:])
        let time = SystemTime()
        let service = OrderService(
            rules: rules, readiness: Readiness(time: time), telemetry: telemetry,
            middleware: middleware.map { ChainedMiddleware(name: "tracing", plugin: $0) },
            endpoints: OrderEndpoints(
                storage: storage, queue: CommitQueue(rules: rules, time: time), telemetry: telemetry))
        let route = telemetry.route(name: "GET /orders/{id}", attributes: [], logLevel: .info)
        return await service.respond(
            to: OrderRequest(
                .get(1),
                context: RequestContext(
                    id: id, route: route, deadline: time.now + .seconds(60),
                    metadata: TestMetadata(headers: headers))))
    }

    @Test("a span that a middleware begins is a child of the request's span")
    func child() async throws {
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let outcome = await respond(headers: ["traceparent": [TraceContextTests.header]])
        #expect(outcome.status == 404)
        await telemetry.flush(pipeline)
        try #require(exporter.spans.map(\.name) == ["look", "SELECT orders by id", "check", "GET /orders/{id}"])
        let (look, read, check, request) = (exporter.spans[0], exporter.spans[1], exporter.spans[2], exporter.spans[3])
        #expect(look.parent == .init(spanID: check.context.spanID, isRemote: false))
        #expect(read.parent == .init(spanID: check.context.spanID, isRemote: false))
        #expect(check.parent == .init(spanID: request.context.spanID, isRemote: false))
        #expect(check.attributes == [TelemetryAttribute("bound", .bool(true))])
        #expect(check.status == .error(""))
    }

    @Test("a span that storage begins is a child of the request's span, also where there is no middleware")
    func look() async throws {
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        #expect(await respond(through: []).status == 404)
        await telemetry.flush(pipeline)
        try #require(exporter.spans.map(\.name) == ["look", "SELECT orders by id", "GET /orders/{id}"])
        let (look, request) = (exporter.spans[0], exporter.spans[2])
        #expect(look.parent == .init(spanID: request.context.spanID, isRemote: false))
    }

    @Test("a storage's read works for its request, though no exporter takes spans", arguments: [true, false])
    func reader(hasMiddleware: Bool) async {
        #expect(await respond(through: hasMiddleware ? nil : []).status == 404)
        #expect(storage.readers.withLock { $0 } == [id])
    }

    @Test("a middleware's span is not recorded when the request is not sampled")
    func unsampled() async {
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let header = String(TraceContextTests.header.dropLast(2)) + "00"
        _ = await respond(headers: ["traceparent": [header]])
        await telemetry.flush(pipeline)
        #expect(exporter.spans.isEmpty && !exporter.metrics.isEmpty)
    }
}
