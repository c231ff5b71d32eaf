import Foundation
import InMemoryLogging
import Logging
import OrderKernel
import OrderKernelTesting
import ServiceLifecycleTestKit
import Testing

@testable import OTLPPlugin

extension TelemetryBatch {
    /// One span, one metric with two points, and one log record, each in a batch of its own, as the kernel exports.
    static let samples = [
        TelemetryBatch(resource: resource, spans: [span]), TelemetryBatch(resource: resource, metrics: [metric]),
        TelemetryBatch(resource: resource, logs: [log]),
    ]

    private static let resource = [TelemetryAttribute("service.name", .string("order"))]
    private static let time = TelemetryTime(nanoseconds: 1_762_597_800_000_000_000)
    private static let trace = TraceContext(traceID: 0xabc, spanID: 0xdef, flags: 3)

    static let span: SpanRecord = {
        var span = SpanRecord(
            name: "PUT /orders/{id}", kind: .server, context: trace, parent: .init(spanID: 7, isRemote: true),
            start: time, end: time, attributes: [TelemetryAttribute("http.response.status_code", .int(500))])
        span.links = [.init(context: TraceContext(traceID: 1, spanID: 2, flags: 1))]
        span.events = [.init(name: "tried again", time: time)]
        span.status = .error("")
        return span
    }()

    private static let metric: MetricRecord = {
        var distribution = MetricRecord.Distribution(bounds: [0.1, 1], counts: [0, 2, 1], sum: 4.5)
        distribution.exemplars = [.init(value: 0.5, time: time, traceID: 0xabc, spanID: 0xdef)]
        let points = ["a", "b"].map { name in
            MetricRecord.Point(
                attributes: [TelemetryAttribute("name", .string(name))], start: time, time: time, value: distribution)
        }
        return MetricRecord(name: "work.duration", description: "Work.", unit: "s", data: .histogram(points))
    }()

    private static let log = LogRecord(
        time: time, level: .warning, body: "slow", logger: "http",
        attributes: [TelemetryAttribute("list", .array([.int(1), .double(.nan)]))], trace: trace)
}

/// An exporter at work, for a receiver.
struct OTLPFixture: Sendable {
    static let transfers = ["grpc", "http/protobuf", "http/json"]

    static func port(_ receiver: OTLPReceiver, _ transfer: String) -> Int {
        transfer == "grpc" ? receiver.grpcPort : receiver.httpPort
    }

    /// Runs an exporter while the body runs.
    /// - Parameter scheme: What the endpoint begins with.
    static func run(
        _ transfer: String, to port: Int, _ settings: String = "timeout: 0s", scheme: String = "http://",
        time: any TimeSource = SystemTime(), log: InMemoryLogHandler = InMemoryLogHandler(),
        _ body: (OTLPExporter) async throws -> Void
    ) async throws {
        let context = PluginContext.standalone("otlp", logger: Logger(label: "otlp") { _ in log }, time: time)
        // The time of a test may skip all waits but endless ones.
        let endless = "span_queue: {export_timeout: 0s}\nlog_queue: {export_timeout: 0s}\nmetric_timeout: 0s\n"
        let yaml = "endpoint: \(scheme)127.0.0.1:\(port)\nprotocol: \(transfer)\n" + endless + settings
        let exporter = OTLPExporter(try .init(yaml: yaml), context: context)
        try await withRunning(exporter, context) { try await body(exporter) }
    }
}

/// A port where nobody answers, as behind a firewall that drops packets: its queue of connections is full.
private final class SilentPort: Sendable {
    /// Counts connections whose first packet went unanswered (proc(5), `/proc/net/tcp`: the state is 02).
    private static let script = """
        import socket, sys, time
        listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        port = listener.getsockname()[1]
        def attempts():
            with open("/proc/net/tcp") as table:
                return sum(f":{port:04X} 02 " in line for line in table)
        def say(*words):
            print(*words, file=sys.stderr, flush=True)
        own = [socket.socket() for _ in range(4)]
        for client in own:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        before = attempts()
        say("port", port)
        while attempts() <= before:
            time.sleep(0.01)
        say("attempt")
        time.sleep(600)
        """

    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")
    private let process: OrderdProcess
    let number: Int

    init() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = try OrderdProcess(command: ["python3", "-c", Self.script], in: folder)
        let line = try await process.errorLine(containing: "port ")
        number = try #require(Int(line.dropFirst("port ".count)))
    }

    /// Waits until somebody else is connecting.
    func waitForAttempt() async throws { try await process.errorLine(containing: "attempt") }

    deinit {
        process.send(signal: SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }
}

@Suite("OTLPExporter", .serialized, .timeLimit(.minutes(10)))
struct OTLPExporterTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(OTLPExporter.self).check(rule)
    }

    @Test("it keeps the contract of every exporter")
    func exporter() async throws {
        let receiver = try await OTLPReceiver()
        for transfer in OTLPFixture.transfers {
            let port = OTLPFixture.port(receiver, transfer)
            let yaml = "{endpoint: \"http://127.0.0.1:\(port)\", protocol: \(transfer)}"
            let contract = ExporterContract { OTLPExporter(try .init(yaml: yaml), context: $0) }
            // Counting descriptors keeps other tests waiting: once is enough, with the most that can stay open.
            for rule in ExporterContract.rules where transfer == "grpc" || !rule.description.contains("closed again") {
                await contract.check(rule)
            }
        }
    }

    @Test("a receiver built by others gets what was sent, and finds nothing wrong with it")
    func arrives() async throws {
        let receiver = try await OTLPReceiver()
        for transfer in OTLPFixture.transfers {
            for compression in ["none", "gzip"] {
                let settings = "compression: \(compression)\nheaders: {X-Api-Key: k1}"
                try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), settings) { exporter in
                    for batch in TelemetryBatch.samples { try await exporter.export(batch) }
                }
            }
        }
        #expect(await receiver.stop() == 0)
        let spans = try receiver.lines("span")
        #expect(spans.count == 6)
        for span in spans {
            #expect("\(span)".contains("00000000000000000000000000000abc") && "\(span)".contains("PUT /orders/{id}"))
        }
        #expect(try receiver.lines("metric").count == 6 && receiver.lines("log").count == 6)
        let requests = try receiver.lines("request")
        #expect(requests.count == 18)
        for request in requests {
            #expect(request["answer"] as? String == "ok")
            let fields = "\(request["headers"] ?? request["metadata"] ?? "")"
            #expect(fields.contains("k1") && fields.contains("OTel-OTLP-Exporter-Swift"))
        }
        let encodings = requests.filter { $0["transport"] as? String == "http" }.map {
            $0["content_encoding"] as? String
        }
        #expect(encodings.count { $0 == "gzip" } == 6 && encodings.count { $0 == "identity" } == 6)
    }

    @Test("one connection is kept for the exports of a signal", .timeLimit(.minutes(1)))
    func reuse() async throws {
        let receiver = try await OTLPReceiver(["--cut", "0"])
        for transfer in OTLPFixture.transfers {
            try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer)) { exporter in
                for _ in 0..<5 { try await exporter.export(TelemetryBatch.samples[0]) }
            }
        }
        // A connection is noted when both sides have closed it.
        while try receiver.lines("connection").count < 3 { await Task.yield() }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 15 && receiver.lines("connection").count == 3)
    }

    /// Exports one span through a receiver, whose faults come in order.
    /// - Returns: How long was waited before each attempt but the first.
    private func retries(_ transfer: String, _ receiver: OTLPReceiver) async throws -> [Duration] {
        let time = RetryTime()
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), time: time) { exporter in
            try await exporter.export(TelemetryBatch.samples[0])
        }
        return time.waits
    }

    @Test("what may pass is tried again until it is taken, once")
    func triesAgain() async throws {
        let faults = [
            "--grpc-fail", "UNAVAILABLE:3", "--grpc-fail", "RESOURCE_EXHAUSTED:2:0.5", "--grpc-fail", "ABORTED:1",
            "--http-fail", "503:2", "--http-fail", "502:1", "--http-fail", "504:1", "--http-fail", "drop:1",
            "--http-fail", "reset:1",
        ]
        let receiver = try await OTLPReceiver(faults)
        for transfer in ["grpc", "http/protobuf"] {
            let waits = try await retries(transfer, receiver)
            #expect(waits.count == 6)
            for (number, wait) in waits.enumerated() {
                let base = Duration.seconds(1) * (0..<number).reduce(1.0) { product, _ in product * 1.5 }
                #expect(wait > base * 0.7 && wait < base * 1.3)
            }
        }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 2)
    }

    @Test("a connection that breaks is opened again")
    func cut() async throws {
        let receiver = try await OTLPReceiver(["--cut", "2:100"])
        for transfer in ["grpc", "http/protobuf"] { #expect(try await retries(transfer, receiver).count == 2) }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 2)
    }

    @Test("a receiver that says when is not asked before")
    func waits() async throws {
        let receiver = try await OTLPReceiver([
            "--grpc-fail", "UNAVAILABLE:1:7", "--http-fail", "503:1:7", "--http-fail", "429:1:7", "--http-fail",
            "429:1:9d",
        ])
        for (transfer, refusals) in [("grpc", 1), ("http/json", 3)] {
            let waits = try await retries(transfer, receiver)
            #expect(waits.count == refusals && waits.allSatisfy { $0 > .milliseconds(6_900) })
        }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 2)
    }

    @Test("what a receiver puts off for too long is given up, and what comes meanwhile is kept and not sent")
    func waitsTooLong() async throws {
        let receiver = try await OTLPReceiver(["--http-fail", "503:1:60"])
        let time = RetryTime(skippingUpTo: .seconds(46))
        try await OTLPFixture.run("http/protobuf", to: receiver.httpPort, "timeout: 50s", time: time) { exporter in
            for isPassing in [false, true] {
                let error = await #expect(throws: ExportError.self) {
                    try await exporter.export(TelemetryBatch.samples[0])
                }
                #expect(error?.reason == "503" && error?.isPassing == isPassing)
            }
            #expect(time.waits.count == 1 && time.waits[0] > .seconds(40) && time.waits[0] < .seconds(45))
            try await time.sleep(for: .seconds(16))
            #expect(try receiver.lines("request").count == 1)
            try await exporter.export(TelemetryBatch.samples[0])
        }
        #expect(try receiver.lines("request").count == 2)
    }

    /// Exports one span that the receiver does not take.
    private func refusal(_ transfer: String, _ receiver: OTLPReceiver) async throws -> ExportError? {
        let time = RetryTime()
        var refusal: ExportError?
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), time: time) { exporter in
            refusal = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
        }
        #expect(time.waits.isEmpty && refusal?.lost == 1)
        return refusal
    }

    @Test("what will never be taken is not sent twice")
    func refused() async throws {
        let codes = ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "INTERNAL", "UNAUTHENTICATED"]
        let statuses = ["400", "500", "401"]
        let faults = codes.flatMap { ["--grpc-fail", $0 + ":1"] } + statuses.flatMap { ["--http-fail", $0 + ":1"] }
        let receiver = try await OTLPReceiver(faults)
        for code in codes { #expect(try await refusal("grpc", receiver)?.reason == code) }
        for status in statuses { #expect(try await refusal("http/json", receiver)?.reason == status) }
        await receiver.stop()
        #expect(try receiver.lines("span").isEmpty && receiver.lines("request").count == 7)
    }

    @Test("what is too large, or sent to the wrong place, is not sent twice")
    func misdirected() async throws {
        let small = try await OTLPReceiver(["--max-bytes", "50"])
        #expect(try await refusal("grpc", small)?.reason == "RESOURCE_EXHAUSTED")
        #expect(try await refusal("http/protobuf", small)?.reason == "413")
        let elsewhere = try await OTLPReceiver(["--prefix", "/p"])
        #expect(try await refusal("http/json", elsewhere)?.reason == "404")
    }

    @Test("what was taken in part is counted, and not sent again")
    func partial() async throws {
        let receiver = try await OTLPReceiver(["--partial", "1:too old"])
        for transfer in OTLPFixture.transfers {
            try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer)) { exporter in
                for batch in TelemetryBatch.samples {
                    let error = await #expect(throws: ExportError.self) { try await exporter.export(batch) }
                    #expect(error == ExportError("rejected", "too old", lost: 1))
                }
            }
        }
        #expect(try receiver.lines("request").count == 9)
    }

    @Test("a hint of the receiver is told once")
    func hint() async throws {
        let receiver = try await OTLPReceiver(["--partial", "0:use gzip"])
        for transfer in OTLPFixture.transfers {
            let log = InMemoryLogHandler()
            try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), log: log) { exporter in
                for batch in TelemetryBatch.samples { try await exporter.export(batch) }
            }
            let hints = log.entries.filter { $0.level == .warning }
            #expect(hints.count == 1 && hints.first?.metadata["hint"] == "use gzip")
        }
    }

    @Test("a receiver that is too slow is given up, and an export that is cancelled ends")
    func slow() async throws {
        let receiver = try await OTLPReceiver(["--delay", "60"])
        for transfer in OTLPFixture.transfers {
            let port = OTLPFixture.port(receiver, transfer)
            try await OTLPFixture.run(transfer, to: port, "timeout: 3s") { exporter in
                let error = await #expect(throws: ExportError.self) {
                    try await exporter.export(TelemetryBatch.samples[0])
                }
                #expect(error?.lost == 1 && ["timeout", "DEADLINE_EXCEEDED"].contains(error?.reason ?? ""))
            }
            try await OTLPFixture.run(transfer, to: port) { exporter in
                await withTaskGroup(of: Bool.self) { tasks in
                    tasks.addTask { (try? await exporter.export(TelemetryBatch.samples[0])) != nil }
                    tasks.cancelAll()
                    let isTaken = await tasks.next()
                    #expect(isTaken == false)
                }
            }
        }
    }

    @Test("an export that is cancelled while it connects ends", arguments: OTLPFixture.transfers)
    func unreachable(transfer: String) async throws {
        let port = try await SilentPort()
        try await OTLPFixture.run(transfer, to: port.number) { exporter in
            let export = Task { try? await exporter.export(TelemetryBatch.samples[0]) }
            try await port.waitForAttempt()
            export.cancel()
            #expect(await export.value == nil)
            withExtendedLifetime(port) {}
        }
    }

    @Test("the end of the service wakes a wait between two attempts")
    func wakes() async throws {
        let time = RetryTime(skippingUpTo: .zero)
        try await OTLPFixture.run("http/protobuf", to: 9, time: time) { exporter in
            await testGracefulShutdown { trigger in
                async let export: ExportError? = {
                    do { try await exporter.export(TelemetryBatch.samples[0]) } catch { return error as? ExportError }
                    return nil
                }()
                await time.waitForSleep(upTo: .seconds(2))
                trigger.triggerGracefulShutdown()
                let error = await export
                #expect(error?.reason == "connection")
            }
        }
    }

    @Test(
        "what waits for its next attempt at the end of the service is sent once more",
        arguments: [("503:1", true), ("503:1:1", false)])
    func lastAttempt(fault: String, isTaken: Bool) async throws {
        let receiver = try await OTLPReceiver(["--http-fail", fault])
        let time = RetryTime(skippingUpTo: .zero)
        try await OTLPFixture.run("http/protobuf", to: receiver.httpPort, time: time) { exporter in
            await testGracefulShutdown { trigger in
                async let isExported: Bool = { (try? await exporter.export(TelemetryBatch.samples[0])) != nil }()
                await time.waitForSleep(upTo: .seconds(2))
                trigger.triggerGracefulShutdown()
                #expect(await isExported == isTaken)
            }
        }
        #expect(await receiver.stop() == 0)
    }

    @Test("a receiver that is started again gets what is sent then", arguments: ["grpc", "http/protobuf"])
    func restart(transfer: String) async throws {
        let first = try await OTLPReceiver()
        let port = OTLPFixture.port(first, transfer)
        try await OTLPFixture.run(transfer, to: port) { exporter in
            try await exporter.export(TelemetryBatch.samples[0])
            #expect(await first.stop() == 0)
            async let sent: Void = exporter.export(TelemetryBatch.samples[0])
            let second = try await OTLPReceiver(
                grpc: transfer == "grpc" ? port : 0, http: transfer == "grpc" ? 0 : port)
            try await sent
            #expect(await second.stop() == 0)
            #expect(try second.lines("span").count == 1)
        }
    }
}
