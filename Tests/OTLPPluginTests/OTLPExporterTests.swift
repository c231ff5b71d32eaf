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
    static func run(
        _ transfer: String, to port: Int, _ settings: String = "timeout: 0s", scheme: String = "http",
        time: any TimeSource = SystemTime(), log: InMemoryLogHandler = InMemoryLogHandler(),
        _ body: (OTLPExporter) async throws -> Void
    ) async throws {
        let context = PluginContext.standalone("otlp", logger: Logger(label: "otlp") { _ in log }, time: time)
        let yaml = "endpoint: \(scheme)://127.0.0.1:\(port)\nprotocol: \(transfer)\n" + settings
        let exporter = OTLPExporter(try .init(yaml: yaml), context: context)
        try await withRunning(exporter, context) { try await body(exporter) }
    }
}

@Suite("OTLPExporter", .serialized)
struct OTLPExporterTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(OTLPExporter.self).check(rule)
    }

    @Test("it keeps the contract of every exporter", arguments: OTLPFixture.transfers)
    func exporter(transfer: String) async throws {
        let receiver = try await OTLPReceiver()
        let port = OTLPFixture.port(receiver, transfer)
        for rule in ExporterContract.rules {
            await ExporterContract {
                OTLPExporter(
                    try .init(yaml: "{endpoint: \"http://127.0.0.1:\(port)\", protocol: \(transfer)}"), context: $0)
            }.check(rule)
        }
    }

    @Test(
        "a receiver built by others gets what was sent, and finds nothing wrong with it",
        arguments: OTLPFixture.transfers, ["none", "gzip"])
    func arrives(transfer: String, compression: String) async throws {
        let receiver = try await OTLPReceiver()
        let settings = "compression: \(compression)\nheaders: {X-Api-Key: k1}"
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), settings) { exporter in
            for batch in TelemetryBatch.samples { try await exporter.export(batch) }
        }
        #expect(await receiver.stop() == 0)
        let span = try #require(try receiver.lines("span").first)
        #expect("\(span)".contains("00000000000000000000000000000abc") && "\(span)".contains("PUT /orders/{id}"))
        #expect(try receiver.lines("metric").count == 1 && receiver.lines("log").count == 1)
        let requests = try receiver.lines("request")
        #expect(requests.count == 3)
        for request in requests {
            #expect(request["answer"] as? String == "ok")
            let fields = "\(request["headers"] ?? request["metadata"] ?? "")"
            #expect(fields.contains("k1") && fields.contains("OTel-OTLP-Exporter-Swift"))
            if transfer != "grpc" {
                #expect(request["content_encoding"] as? String == (compression == "gzip" ? "gzip" : "identity"))
            }
        }
    }

    @Test("one connection is kept for the exports of a signal", arguments: OTLPFixture.transfers)
    func reuse(transfer: String) async throws {
        let receiver = try await OTLPReceiver(["--cut", "0"])
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer)) { exporter in
            for _ in 0..<5 { try await exporter.export(TelemetryBatch.samples[0]) }
        }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 5 && receiver.lines("connection").count == 1)
    }

    @Test(
        "what may pass is tried again until it is taken, once",
        arguments: [
            ("grpc", ["--grpc-fail", "UNAVAILABLE:3"], 3), ("grpc", ["--grpc-fail", "RESOURCE_EXHAUSTED:2:0.5"], 2),
            ("grpc", ["--grpc-fail", "ABORTED:1"], 1), ("grpc", ["--cut", "2:100"], 2),
            ("http/protobuf", ["--http-fail", "503:2"], 2), ("http/json", ["--http-fail", "502:1"], 1),
            ("http/json", ["--http-fail", "504:1"], 1), ("http/protobuf", ["--http-fail", "drop:1"], 1),
            ("http/protobuf", ["--http-fail", "reset:1"], 1), ("http/protobuf", ["--cut", "2:100"], 2),
        ])
    func triesAgain(transfer: String, fault: [String], refusals: Int) async throws {
        let receiver = try await OTLPReceiver(fault)
        let time = RetryTime()
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), time: time) { exporter in
            try await exporter.export(TelemetryBatch.samples[0])
        }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 1)
        #expect(time.waits.count == refusals)
        for (number, wait) in time.waits.enumerated() {
            let base = Duration.seconds(1) * (0..<number).reduce(1.0) { product, _ in product * 1.5 }
            #expect(wait > base * 0.7 && wait < base * 1.3)
        }
    }

    @Test(
        "a receiver that says when is not asked before",
        arguments: [
            ("grpc", ["--grpc-fail", "UNAVAILABLE:1:7"]), ("http/protobuf", ["--http-fail", "503:1:7"]),
            ("http/json", ["--http-fail", "429:1:7"]), ("http/json", ["--http-fail", "429:1:9d"]),
        ])
    func waits(transfer: String, fault: [String]) async throws {
        let receiver = try await OTLPReceiver(fault)
        let time = RetryTime()
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), time: time) { exporter in
            try await exporter.export(TelemetryBatch.samples[2])
        }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("log").count == 1)
        #expect(time.waits.count == 1 && time.waits[0] > .milliseconds(6_900))
    }

    @Test("a wait beyond the time that an export may take is not begun")
    func waitsTooLong() async throws {
        let receiver = try await OTLPReceiver(["--http-fail", "503:1:60"])
        let time = RetryTime(skippingUpTo: .seconds(20))
        try await OTLPFixture.run(
            "http/protobuf", to: receiver.httpPort, "timeout: 30s", time: time
        ) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(error?.reason == "503")
        }
        #expect(time.waits.isEmpty)
        #expect(try receiver.lines("request").count == 1)
    }

    @Test(
        "what will never be taken is not sent twice",
        arguments: [
            ("grpc", ["--grpc-fail", "INVALID_ARGUMENT:1"], "INVALID_ARGUMENT"),
            ("grpc", ["--grpc-fail", "RESOURCE_EXHAUSTED:1"], "RESOURCE_EXHAUSTED"),
            ("grpc", ["--grpc-fail", "INTERNAL:1"], "INTERNAL"), ("grpc", ["--max-bytes", "50"], "RESOURCE_EXHAUSTED"),
            ("http/protobuf", ["--http-fail", "400:1"], "400"), ("http/json", ["--http-fail", "500:1"], "500"),
            ("http/protobuf", ["--max-bytes", "50"], "413"), ("http/json", ["--prefix", "/p"], "404"),
        ])
    func refused(transfer: String, fault: [String], reason: String) async throws {
        let receiver = try await OTLPReceiver(fault)
        let time = RetryTime()
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), time: time) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(error?.reason == reason && error?.lost == 1)
        }
        #expect(time.waits.isEmpty)
    }

    @Test("what was taken in part is counted, and not sent again", arguments: OTLPFixture.transfers)
    func partial(transfer: String) async throws {
        let receiver = try await OTLPReceiver(["--partial", "1:too old"])
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer)) { exporter in
            for batch in TelemetryBatch.samples {
                let error = await #expect(throws: ExportError.self) { try await exporter.export(batch) }
                #expect(error == ExportError("rejected", "too old", lost: 1))
            }
        }
        #expect(try receiver.lines("request").count == 3)
    }

    @Test("a hint of the receiver is told once", arguments: OTLPFixture.transfers)
    func hint(transfer: String) async throws {
        let receiver = try await OTLPReceiver(["--partial", "0:use gzip"])
        let log = InMemoryLogHandler()
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer), log: log) { exporter in
            for batch in TelemetryBatch.samples { try await exporter.export(batch) }
        }
        let hints = log.entries.filter { $0.level == .warning }
        #expect(hints.count == 1 && hints.first?.metadata["hint"] == "use gzip")
    }

    @Test("a receiver that is too slow is given up", arguments: OTLPFixture.transfers)
    func slow(transfer: String) async throws {
        let receiver = try await OTLPReceiver(["--delay", "60"])
        try await OTLPFixture.run(
            transfer, to: OTLPFixture.port(receiver, transfer), "timeout: 300ms"
        ) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(error?.lost == 1 && ["timeout", "DEADLINE_EXCEEDED"].contains(error?.reason ?? ""))
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

    @Test("an export that is cancelled ends, whatever the receiver does", arguments: OTLPFixture.transfers)
    func cancelled(transfer: String) async throws {
        let receiver = try await OTLPReceiver(["--delay", "60"])
        try await OTLPFixture.run(transfer, to: OTLPFixture.port(receiver, transfer)) { exporter in
            await withTaskGroup(of: Bool.self) { tasks in
                tasks.addTask { (try? await exporter.export(TelemetryBatch.samples[0])) != nil }
                tasks.cancelAll()
                let isTaken = await tasks.next()
                #expect(isTaken == false)
            }
        }
    }

    @Test("a receiver that is started again gets what is sent then", arguments: OTLPFixture.transfers)
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
