import Logging
import OrderKernelTesting
import Testing

@testable import OrderKernel

/// Keeps a request for a while of its clock.
private struct SlowMiddleware: MiddlewarePlugin {
    static let name = "slow"
    static let summary = "Waits."

    let time: ManualTime
    let wait: Duration

    init(time: ManualTime, wait: Duration) { (self.time, self.wait) = (time, wait) }
    init(_ configuration: NoSettings, context: PluginContext) throws { throw PluginError("not used") }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        time.advance(by: wait)
        return try await next(request)
    }
}

@Suite("Spans below a request's")
struct TelemetryPartsTests {
    let time = ManualTime()
    let exporter = RecordingExporter()

    private func respond(
        _ operation: OrderRequest.Operation, reading: Duration? = nil, wait: Duration = .zero,
        recording: RecordingSettings = .init()
    ) async throws -> (spans: [SpanRecord], metrics: [MetricRecord], outcome: Outcome) {
        let telemetry = Telemetry(recording: recording, time: time)
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let storage = InMemoryStorage()
        let queue = CommitQueue(
            rules: .standard, time: time, meter: CommitMeter(StorageMeter(storage.database, telemetry), telemetry))
        let service = OrderService(
            rules: .standard, readiness: Readiness(time: time), telemetry: telemetry,
            middleware: [
                ChainedMiddleware(name: "slow/two", plugin: SlowMiddleware(time: time, wait: wait))
            ],
            endpoints: OrderEndpoints(storage: storage, queue: queue, telemetry: telemetry))
        async let committing: Void = queue.run(storage: storage)
        let route = telemetry.route(name: "request", attributes: [], logLevel: .debug)
        let start = reading == nil ? nil : time.now
        time.advance(by: reading ?? .zero)
        let outcome = await service.respond(
            to: OrderRequest(
                operation, context: RequestContext(id: .random(), route: route, deadline: time.now + .seconds(60))),
            since: start)
        queue.close()
        await committing
        await telemetry.flush(pipeline)
        return (exporter.spans, exporter.metrics, outcome)
    }

    private let draft = OrderDraft(customerID: "c", woodType: "oak", quantity: 1)

    @Test("a read asks storage in a span of its own")
    func read() async throws {
        let (spans, metrics, _) = try await respond(.get(1))
        try #require(spans.map(\.name) == ["SELECT orders by id", "request"])
        #expect(spans[0].parent == .init(spanID: spans[1].context.spanID, isRemote: false))
        #expect(spans[0].attributes.contains(TelemetryAttribute("db.system.name", .string(InMemoryStorage.name))))
        #expect(spans[0].attributes.contains(TelemetryAttribute("db.operation.name", .string("SELECT"))))
        #expect(spans[0].attributes.contains(TelemetryAttribute("db.query.summary", .string("SELECT orders by id"))))
        let metric = try #require(metrics.first { $0.name == "db.client.operation.duration" })
        guard case .histogram(let points) = metric.data else { throw PluginError("no histogram") }
        #expect(points.map(\.value.count) == [1])
        #expect(points[0].value.exemplars.map(\.traceID) == [spans[1].context.traceID])
    }

    @Test("a write waits in the queue, and the commit of its batch is linked to it")
    func write() async throws {
        let (spans, metrics, outcome) = try await respond(.create(draft, key: nil))
        #expect(outcome.status == 201)
        let request = try #require(spans.first { $0.name == "request" })
        let commit = try #require(spans.first { $0.name == "COMMIT orders" })
        let wait = try #require(spans.first { $0.name == "commit queue" })
        #expect(spans.count == 3)
        #expect(commit.parent == nil && commit.context.traceID != request.context.traceID)
        #expect(commit.links.map(\.context) == [request.context])
        #expect(wait.parent == .init(spanID: request.context.spanID, isRemote: false))
        #expect(wait.links.map(\.context) == [commit.context])
        #expect(metrics.contains { $0.name == "orderd.commit.batch.size" })
        let created = try #require(metrics.first { $0.name == "orderd.orders.created" })
        guard case .sum(let points, isMonotonic: true) = created.data else { throw PluginError("no sum") }
        let counted = points.filter { $0.value != .int(0) }
        #expect(counted.map(\.value) == [.int(1)])
        #expect(
            counted.first?.attributes == [
                TelemetryAttribute("orderd.order.status", .string("registered")),
                TelemetryAttribute("orderd.wood_type", .string("oak")),
            ])
    }

    @Test("what it took to read a request counts, where the transport says so", arguments: [nil, 7])
    func reading(milliseconds: Int?) async throws {
        let (spans, _, _) = try await respond(.get(1), reading: milliseconds.map { .milliseconds($0) })
        let span = try #require(spans.first { $0.name == "request" })
        #expect(span.end.nanoseconds - span.start.nanoseconds == Int64(milliseconds ?? 0) * 1_000_000)
    }

    @Test("only writes that were committed count as a batch")
    func batches() throws {
        let telemetry = Telemetry(time: time)
        _ = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let meter = CommitMeter(StorageMeter(InMemoryStorage().database, telemetry), telemetry)
        meter.end(meter.begin(4, []), StorageError(.failed, code: "corrupt", detail: ""))
        meter.end(meter.begin(2, []), nil)
        let postponed = CommittedWrites.Batch(writes: [], outcomes: [.postponed], measured: meter.begin(1, []))
        meter.end(postponed.parts.stored.measured, nil)
        for (name, counts) in [("orderd.commit.batch.size", [1]), ("db.client.operation.duration", [1, 1])] {
            let metric = try #require(telemetry.collect().first { $0.name == name })
            guard case .histogram(let points) = metric.data else { throw PluginError("no histogram") }
            #expect(points.map { Int($0.value.count) } == counts)
        }
    }

    @Test("a write whose batch failed waits anew for the next one")
    func waitsAnew() async throws {
        let telemetry = Telemetry(time: time)
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let meter = CommitMeter(StorageMeter(InMemoryStorage().database, telemetry), telemetry)
        let route = telemetry.route(name: "request", attributes: [], logLevel: .debug)
        let wait = try #require(
            meter.wait(of: RequestContext(id: .random(), route: route, deadline: time.now + .seconds(60))))
        for error in [StorageError(.unavailable, code: "busy", detail: ""), nil] {
            time.advance(by: .milliseconds(3))
            let batch = meter.begin(1, [wait])
            time.advance(by: .milliseconds(200))
            meter.end(batch, error)
        }
        await telemetry.flush(pipeline)
        let waits = exporter.spans.filter { $0.name == "commit queue" }
        #expect(waits.map { $0.end.nanoseconds - $0.start.nanoseconds } == [3_000_000, 3_000_000])
    }

    @Test("what the database answered to a call that failed is told of it", arguments: ["23514", nil])
    func databaseCode(code: String?) throws {
        let telemetry = Telemetry(time: time)
        _ = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let meter = StorageMeter(InMemoryStorage().database, telemetry)
        let error = StorageError(.failed, code: "constraint", detail: "", databaseCode: code)
        let answered = code.map { [TelemetryAttribute("db.response.status_code", .string($0))] } ?? []
        let span = meter.span(
            .commit, error, as: telemetry.sampler.recordedRoot(), of: nil,
            telemetry.interval(since: time.now, until: time.now))
        #expect(span.attributes.filter { $0.key.hasPrefix("db.response") } == answered)
        meter.measure(.commit, since: time.now, until: time.now, nil, error)
        let metric = try #require(telemetry.collect().first { $0.name == "db.client.operation.duration" })
        guard case .histogram(let points) = metric.data else { throw PluginError("no histogram") }
        let expected = answered + [TelemetryAttribute("error.type", .string("constraint"))]
        let keys = ["db.response.status_code", "error.type"]
        #expect(points.map { $0.attributes.filter { keys.contains($0.key) } } == [expected])
    }

    @Test("spans and measurements say where a database is")
    func place() throws {
        let telemetry = Telemetry(time: time)
        _ = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording"))
        let database = DatabaseDescription(
            system: "postgresql", namespace: "shop|public", address: "db.example.com", port: 5_433, isRemote: true)
        let meter = StorageMeter(database, telemetry)
        let span = meter.span(
            .order, nil, as: telemetry.sampler.recordedRoot(), of: nil,
            telemetry.interval(since: time.now, until: time.now))
        meter.measure(.order, since: time.now, until: time.now, nil, nil)
        let metric = try #require(telemetry.collect().first { $0.name == "db.client.operation.duration" })
        guard case .histogram(let points) = metric.data else { throw PluginError("no histogram") }
        let attributes = [Array(span.attributes)] + points.map(\.attributes)
        #expect(attributes.count > 1 && span.kind == .client)
        for attributes in attributes {
            #expect(attributes.contains(TelemetryAttribute("db.namespace", .string("shop|public"))))
            #expect(attributes.contains(TelemetryAttribute("server.address", .string("db.example.com"))))
            #expect(attributes.contains(TelemetryAttribute("server.port", .int(5_433))))
        }
    }

    @Test("only of lists nobody knows which replica has answered", arguments: [true, false])
    func replicas(isThere: Bool) {
        var database = DatabaseDescription(system: "postgresql", address: "db.example.com", port: 5_433, isRemote: true)
        database.hasReplicas = isThere
        let telemetry = Telemetry(time: time)
        let meter = StorageMeter(database, telemetry)
        let interval = telemetry.interval(since: time.now, until: time.now)
        let addressed = StorageMeter.Operation.allCases.filter { operation in
            let span = meter.span(operation, nil, as: telemetry.sampler.recordedRoot(), of: nil, interval)
            return !Set(span.attributes.map(\.key)).isDisjoint(with: ["server.address", "server.port"])
        }
        #expect(addressed == (isThere ? [.order, .commit] : [.order, .orders, .commit]))
    }

    @Test("a middleware that waits has a span, one that does not has none", arguments: [(5, true), (0, false)])
    func middleware(milliseconds: Int, hasSpan: Bool) async throws {
        let (spans, _, _) = try await respond(.get(1), wait: .milliseconds(milliseconds))
        let span = spans.first { $0.name == "middleware slow/two" }
        #expect((span != nil) == hasSpan)
        if let span { #expect(span.end.nanoseconds - span.start.nanoseconds == 5_000_000) }
    }

    @Test("nothing is recorded of a request that is not sampled, but its measurements")
    func unsampled() async throws {
        var recording = RecordingSettings()
        recording.sampler = .alwaysOff
        let (spans, metrics, _) = try await respond(.create(draft, key: nil), recording: recording)
        #expect(spans.isEmpty)
        let metric = try #require(metrics.first { $0.name == "orderd.request.duration" })
        guard case .histogram(let points) = metric.data else { throw PluginError("no histogram") }
        #expect(points.map(\.value.count) == [1] && points[0].value.exemplars.isEmpty)
    }

    @Test("nothing is recorded where recording is off")
    func disabled() async throws {
        var recording = RecordingSettings()
        recording.isEnabled = false
        let (spans, metrics, outcome) = try await respond(.get(1), recording: recording)
        #expect(spans.isEmpty && metrics.isEmpty && outcome.status == 404)
    }

    @Test("what is beyond the limits is left out and counted")
    func limits() async throws {
        var recording = RecordingSettings()
        recording.limits.spanAttributes = 1
        recording.limits.spanText = 3
        let (spans, _, _) = try await respond(.get(1), recording: recording)
        let span = try #require(spans.first { $0.name == "SELECT orders by id" })
        #expect(
            span.attributes == [TelemetryAttribute("db.system.name", .string(String(InMemoryStorage.name.prefix(3))))])
        #expect(span.dropped.attributes == 3)
    }

    @Test("links of a commit beyond the limit are counted")
    func droppedLinks() async throws {
        var recording = RecordingSettings()
        recording.limits.links = 0
        let (spans, _, _) = try await respond(.create(draft, key: nil), recording: recording)
        let commit = try #require(spans.first { $0.name == "COMMIT orders" })
        #expect(commit.links.isEmpty && commit.dropped.links == 1)
    }
}
