import Glibc
import Logging
import OrderKernelTesting
import Testing
import Tracing

@testable import OrderKernel

/// A log that is written into a socket.
///
/// No pipe: a program that another test starts would inherit it, and its end would not come before that of the program.
private struct PipedLog {
    let output: LogOutput
    private let reader: Int32
    private let writer: Int32

    init(_ level: Logger.Level, _ format: LoggingSettings.Format = .json) {
        var ends: [Int32] = [0, 0]
        _ = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        (reader, writer) = (ends[0], ends[1])
        output = LogOutput(
            LoggingSettings(level: level, format: format), allowsColour: true, descriptor: writer)
    }

    /// Reads what is there.
    func drain() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while recv(reader, &chunk, chunk.count, Int32(MSG_DONTWAIT)) > 0 {}
    }

    /// Closes the log.
    func lines() -> [String] {
        close(writer)
        defer { close(reader) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(reader, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// Says something to its log, goes on, and throws in the end.
private struct Thrower: MiddlewarePlugin {
    static let name = "thrower"
    static let summary = "Fails."
    let logger: Logger
    /// Nothing where what stands behind is to be let through.
    let reason: String?

    init(_ logger: Logger, _ reason: String?) { (self.logger, self.reason) = (logger, reason) }
    init(_ configuration: NoSettings, context: PluginContext) { self.init(context.logger, nil) }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        logger.info("asked")
        do {
            return try await next(request)
        } catch {
            if let reason { throw PluginError(reason) }
            throw error
        }
    }
}

/// Waits for a test before it goes on, or behind it, or not at all.
final class Holder: MiddlewarePlugin {
    static let name = "holder"
    static let summary = "Waits."
    enum Moment: Sendable { case before, behind, never }

    let isHolding = Latch()
    let gate = Latch()
    let moment: Moment

    init(_ moment: Moment) { self.moment = moment }
    init(_ configuration: NoSettings, context: PluginContext) { moment = .never }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        if moment == .before { try await hold() }
        let result: Result<Reply, any Error>
        do { result = .success(try await next(request)) } catch { result = .failure(error) }
        if moment == .behind { try await hold() }
        return try result.get()
    }

    private func hold() async throws {
        isHolding.open()
        try await gate.wait()
    }
}

@Suite("LogOutput")
struct LogOutputTests {
    @Test("what is not a terminal gets JSON, and never colours")
    func auto() throws {
        let log = PipedLog(.info, .auto)
        log.output.logger("http", telemetry: nil).info("up", metadata: ["port": "5000", "list": ["a", "b"]])
        let line = try #require(log.lines().first)
        #expect(line.hasSuffix(#""level":"info","logger":"http","message":"up","list":"[a, b]","port":"5000"}"#))
        let text = PipedLog(.info, .text)
        text.output.logger("http", telemetry: nil).info("up")
        #expect(try #require(text.lines().first).hasSuffix("Z INFO   http: up"))
    }

    @Test("lines below the level are not written")
    func level() {
        let log = PipedLog(.notice)
        let logger = log.output.logger("http", telemetry: nil)
        logger.info("quiet")
        logger.notice("loud")
        #expect(log.lines().count == 1)
    }

    @Test("lines of many tasks come whole")
    func concurrent() async {
        let log = PipedLog(.info, .text)
        let filler = String(repeating: "x", count: 150)
        await withTaskGroup { tasks in
            for task in 0..<4 {
                tasks.addTask {
                    let logger = log.output.logger("task", telemetry: nil)
                    for _ in 0..<50 { logger.info("\(task)\(filler)") }
                }
            }
        }
        let lines = log.lines()
        #expect(lines.count == 200)
        #expect(lines.allSatisfy { $0.hasSuffix(filler) && $0.utf8.count == lines[0].utf8.count })
    }

    @Test("a line that cannot be written is counted, in a metric too, and nothing else happens")
    func unwritable() {
        let output = LogOutput(LoggingSettings(level: .info, format: .json), allowsColour: false, descriptor: -1)
        output.logger("http", telemetry: nil).info("up")
        #expect(output.lostLines == 1)

        let telemetry = Telemetry()
        telemetry.observe(output)
        let record = telemetry.collect().first { $0.name == "orderd.log.lines.lost" }
        guard case .sum(let points, isMonotonic: true) = record?.data else {
            Issue.record("\(String(describing: record))")
            return
        }
        #expect(points.map(\.value) == [.int(1)])
    }

    @Test("where nobody reads, lines are lost, and the next one that can be written says how many")
    func unread() {
        let log = PipedLog(.info)
        let logger = log.output.logger("http", telemetry: nil)
        let filler = String(repeating: "x", count: 1_000)
        while log.output.lostLines < 3 { logger.info("\(filler)") }
        log.drain()
        logger.info("last")
        let lines = log.lines()
        #expect(lines.count == 2)
        #expect(lines.first?.hasSuffix(#""message":"log lines were lost","lines":3}"#) == true)
        #expect(lines.last?.hasSuffix(#""message":"last"}"#) == true)
    }

    @Test(
        "what a middleware throws is told to the operator, with its name and the request's, and not to the client",
        arguments: [
            ([nil, nil, "c"], "gate/2", "c"), ([nil, "b", "c"], "gate/1", "b"), (["a", nil, "c"], "gate/0", "a"),
        ])
    func thrown(reasons: [String?], thrower: String, reason: String) async throws {
        let log = PipedLog(.info)
        let logger = log.output.logger("gate", telemetry: nil)
        let service = Self.service(behind: reasons.map { Thrower(logger, $0) }, log)
        let context = Self.context(of: service)
        #expect(await service.respond(to: OrderRequest(.get(1), context: context)).status == 500)
        let lines = log.lines()
        let end = #""middleware":"\#(thrower)","reason":"\#(reason)","request_id":"\#(context.id)"}"#
        #expect(lines.last?.hasSuffix(#""message":"a request failed",\#(end)"#) == true, "\(lines)")
        #expect(lines.count { $0.hasSuffix(#""message":"asked","request_id":"\#(context.id)"}"#) } == 3, "\(lines)")
    }

    @Test(
        "the middleware that holds a request is told with its name and the request's",
        arguments: [0, 1, 2], [Holder.Moment.before, .behind])
    func held(by number: Int, _ moment: Holder.Moment) async throws {
        let log = PipedLog(.info)
        let holder = Holder(moment)
        let service = Self.service(behind: (0...2).map { $0 == number ? holder : Holder(.never) }, log)
        let context = Self.context(of: service)
        async let outcome = service.respond(to: OrderRequest(.get(1), context: context))
        try await holder.isHolding.wait()
        service.tellHeld(context)
        holder.gate.open()
        #expect(await outcome.status == 404)
        let lines = log.lines()
        let end = #""middleware":"gate/\#(number)","request_id":"\#(context.id)"}"#
        #expect(lines.count == 1 && lines[0].hasSuffix(#"beyond its deadline",\#(end)"#), "\(lines)")
    }

    private static func service(behind middleware: [any MiddlewarePlugin], _ log: PipedLog) -> OrderService {
        let time = SystemTime()
        let telemetry = Telemetry(time: time)
        return OrderService(
            rules: .standard, readiness: Readiness(time: time), telemetry: telemetry,
            middleware: middleware.enumerated().map { ChainedMiddleware(name: "gate/\($0)", plugin: $1) },
            endpoints: OrderEndpoints(
                storage: InMemoryStorage(), queue: CommitQueue(rules: .standard, time: time), telemetry: telemetry),
            logger: log.output.logger("orderd", telemetry: nil))
    }

    private static func context(of service: OrderService) -> RequestContext {
        let route = service.telemetry.route(name: "request", attributes: [], logLevel: .debug)
        return RequestContext(id: .random(), route: route, deadline: SystemTime().now + .seconds(60))
    }

    @Test("what is logged before there is an exporter is kept for each that comes")
    func early() async throws {
        let log = PipedLog(.info)
        let telemetry = Telemetry(log: log.output)
        let logger = log.output.logger("orderd", telemetry: telemetry)
        for number in 0..<100 { logger.info("early \(number)") }
        let exporters = [RecordingExporter(), RecordingExporter()]
        let quiet = log.output.logger("e", telemetry: nil)
        let pipelines = exporters.map { telemetry.attach($0, name: "recording", logger: quiet) }
        telemetry.endAttaching()
        logger.info("late")
        for pipeline in pipelines { await telemetry.flush(pipeline) }
        for exporter in exporters {
            #expect(exporter.logs.map(\.body) == (0..<64).map { "early \($0)" } + ["late"])
        }
        let latecomer = RecordingExporter()
        await telemetry.flush(telemetry.attach(latecomer, name: "recording", logger: quiet))
        #expect(latecomer.logs.isEmpty)
    }

    @Test("an error is said, and a log record goes to the exporters with its trace")
    func export() async throws {
        let log = PipedLog(.info)
        let telemetry = Telemetry(log: log.output)
        let exporter = RecordingExporter()
        let pipeline = telemetry.attach(exporter, name: "recording", logger: log.output.logger("e", telemetry: nil))
        let trace = TraceContext(traceID: 0xab, spanID: 0xcd, flags: 0)
        var context = ServiceContext.topLevel
        context.position = TracePosition(context: trace, requestID: RequestID("r-1"))
        ServiceContext.$current.withValue(context) {
            log.output.logger("sqlite", telemetry: telemetry)
                .error("commit failed", error: CancellationError(), metadata: ["code": "5"])
        }
        log.output.logger("recording", telemetry: nil).info("not for exporters")
        await telemetry.flush(pipeline)
        let record = try #require(exporter.logs.first)
        #expect(exporter.logs.count == 1)
        #expect(record.body == "commit failed" && record.logger == "sqlite" && record.severity == 17)
        #expect(record.trace == trace)
        #expect(
            record.attributes.map(\.key) == [
                "code", "code.file.path", "code.function.name", "code.line.number", "exception.type",
                "exception.message", "request_id",
            ])
        let line = try #require(log.lines().first)
        #expect(line.contains(#""code":"5","error":"CancellationError()","request_id":"r-1","trace_id":"0000"#))
        #expect(line.hasSuffix(#"00ab","span_id":"00000000000000cd"}"#))
    }
}

@Suite("RequestLine")
struct RequestLineTests {
    private func route(_ telemetry: Telemetry, _ level: Logger.Level) -> RequestRoute {
        telemetry.route(name: "PUT /orders/{id}", attributes: [], logLevel: level)
    }

    @Test("a request leaves one line with its status, ids and problem")
    func line() throws {
        let log = PipedLog(.info)
        let telemetry = Telemetry(log: log.output)
        let metadata = TestMetadata(
            headers: ["traceparent": [TraceContextTests.header]],
            attributes: [TelemetryAttribute("url.path", .string("/orders/1\n"))])
        let context = telemetry.observe(
            TelemetryTests.notFound, on: route(telemetry, .info), metadata: metadata)
        let lines = log.lines()
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line.contains(#""level":"info","logger":"request","message":"PUT /orders/{id}","status":404,"#))
        #expect(line.contains(#""duration_ms":"#))
        #expect(
            line.hasSuffix(
                #""problem":"unknown_order","request_id":"\#(context.id)","#
                    + #""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","url.path":"/orders/1\n"}"#))
    }

    @Test("a request below the log's level leaves no line")
    func quiet() {
        let log = PipedLog(.info)
        let telemetry = Telemetry(log: log.output)
        telemetry.observe(TelemetryTests.notFound, on: route(telemetry, .debug))
        #expect(log.lines().isEmpty)
    }

    @Test("the line goes to exporters that take logs")
    func record() async throws {
        let log = PipedLog(.info)
        let telemetry = Telemetry(log: log.output)
        let exporter = RecordingExporter()
        let pipeline = telemetry.attach(exporter, name: "recording", logger: log.output.logger("e", telemetry: nil))
        let context = telemetry.observe(TelemetryTests.notFound, on: route(telemetry, .info))
        await telemetry.flush(pipeline)
        let record = try #require(exporter.logs.first)
        #expect(record.body == "PUT /orders/{id}" && record.trace == context.trace)
        #expect(record.attributes.contains(TelemetryAttribute("problem", .string("unknown_order"))))
    }

    @Test("where logs follow traces, records of one that is not recorded stay in the log, and others are exported")
    func traceBased() async {
        let log = PipedLog(.info)
        var recording = RecordingSettings()
        recording.sampler = .parentBasedAlwaysOff
        recording.logs = .traceBased
        let telemetry = Telemetry(recording: recording, log: log.output)
        let exporter = RecordingExporter()
        let pipeline = telemetry.attach(exporter, name: "recording", logger: log.output.logger("e", telemetry: nil))
        let sampled = TestMetadata(headers: ["traceparent": [TraceContextTests.header]])
        telemetry.observe(TelemetryTests.notFound, on: route(telemetry, .info))
        telemetry.observe(TelemetryTests.notFound, on: route(telemetry, .info), metadata: sampled)
        var context = ServiceContext.topLevel
        context.position = TracePosition(context: TraceContext(traceID: 1, spanID: 2, flags: 0))
        let logger = log.output.logger("sqlite", telemetry: telemetry)
        ServiceContext.$current.withValue(context) { logger.info("of a trace that is not recorded") }
        logger.info("of no trace")
        await telemetry.flush(pipeline)
        #expect(log.lines().count == 4)
        #expect(exporter.logs.map(\.body).sorted() == ["PUT /orders/{id}", "of no trace"])
        #expect(exporter.logs.compactMap(\.trace?.traceIDText) == ["4bf92f3577b34da6a3ce929d0e0e4736"])
    }
}
