import Foundation
import NIOCore
import NIOPosix
import OTLPFormat
import OrderKernel
import OrderKernelTesting
import Synchronization
import Testing

@testable import OTLPPlugin

/// Names whose addresses do not come until the end, as with a name server that answers nothing.
private final class SilentNames: Resolver, Sendable {
    private let answer: EventLoopPromise<[SocketAddress]>
    private let lookups = AsyncStream.makeStream(of: Void.self)
    private let begun = Atomic(0)

    init(on loop: any EventLoop) { answer = loop.makePromise() }

    /// How many names were asked for.
    var count: Int { begun.load(ordering: .relaxed) }

    /// Waits until somebody asks for a name.
    func waitForLookup() async { for await _ in lookups.stream { return } }

    func end() { answer.fail(CancellationError()) }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { answer.futureResult }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        begun.add(1, ordering: .relaxed)
        lookups.continuation.yield()
        return answer.futureResult
    }

    func cancelQueries() {}
}

@Suite("OTLPExchange", .timeLimit(.minutes(10)))
struct OTLPExchangeTests {
    @Test("an export that is cancelled while a name is looked up ends, and one after it asks for none")
    func lookup() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let names = SilentNames(on: group.any())
        let target = try OTLPExporter.Configuration(yaml: "{endpoint: \"http://collector:4318\", timeout: 0s}")
            .target(for: .traces)
        let exchange = try OTLPExchange(
            target, on: group, userAgent: "orderd", time: SystemTime(), resolver: names)
        let sender = OTLPSender(target, exchange, time: SystemTime(), within: .zero)
        let request = try #require(OTLPRequest.requests(for: TelemetryBatch.samples[0], .protobuf).requests.first)

        let exports = Task { [await Self.error(request, sender), await Self.error(request, sender)] }
        await names.waitForLookup()
        exports.cancel()
        let errors = [
            ExportError("connection", "collector:4318: not connected yet when it was given up"),
            ExportError("cancelled", "the export was given up"),
        ]
        #expect(await exports.value == errors.map { OTLPFailure(error: $0, mayBeTaken: false) })
        #expect(names.count == 1)

        names.end()
        await sender.close()
        try await group.shutdownGracefully()
    }

    /// Answers each request over HTTP/1.0, where each connection ends with its answer.
    private static let closingServer = """
        import http.server, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
            def log_message(self, *words):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print("port", server.server_port, file=sys.stderr, flush=True)
        server.serve_forever()
        """

    @Test("a connection that ends with its answer is not used for the next export")
    func ended() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try OrderdProcess(command: ["python3", "-c", Self.closingServer], in: folder)
        defer { server.send(signal: SIGKILL) }
        let port = try #require(Int(try await server.errorLine(containing: "port ").dropFirst("port ".count)))
        let time = RetryTime()
        try await OTLPFixture.run("http/protobuf", to: port, time: time) { exporter in
            for _ in 0..<100 { try await exporter.export(TelemetryBatch.samples[0]) }
        }
        #expect(time.waits.isEmpty)
    }

    @Test(
        "where the receiver speaks another protocol, that is asked after",
        arguments: ["grpc", "http/protobuf"])
    func otherProtocol(transfer: String) async throws {
        let receiver = try await OTLPReceiver()
        let port = transfer == "grpc" ? receiver.httpPort : receiver.grpcPort
        let time = RetryTime.ofLongExport
        try await OTLPFixture.run(transfer, to: port, "timeout: 60s", time: time) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            let detail = error?.detail ?? ""
            #expect(error?.reason == "connection")
            #expect(detail.hasSuffix("; is 'protocol: \(transfer)' right?"), "\(detail)")
            #expect(!detail.contains("location"), "\(detail)")
        }
    }

    @Test(
        "what a receiver has not taken, and may take later, is passing; what it may have taken is not",
        arguments: [
            ("503:inf", true), ("429:inf:1", true), ("502:inf", false), ("503:inf:60", false), ("drop:inf", false),
            ("400:1", false),
        ])
    func passing(fault: String, isPassing: Bool) async throws {
        let receiver = try await OTLPReceiver(["--http-fail", fault])
        let time = RetryTime.ofLongExport
        try await OTLPFixture.run("http/protobuf", to: receiver.httpPort, "timeout: 60s", time: time) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(
                error?.isPassing == isPassing && error?.lost == (isPassing ? nil : 1), "\(String(describing: error))")
        }
    }

    @Test(
        "where nobody listens, what is to be sent may be taken later, and that is told in any case",
        arguments: OTLPFixture.transfers, ["60s", "0s"])
    func nobody(transfer: String, timeout: String) async throws {
        let time = RetryTime(skippingUpTo: .seconds(40))
        try await OTLPFixture.run(transfer, to: 9, "timeout: \(timeout)", time: time) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(error?.reason == "connection" && error?.isPassing == true)
        }
    }

    @Test("where nothing says that a receiver has no TLS, that is asked after")
    func unaskedTLS() async throws {
        let receiver = try await OTLPReceiver()
        let time = RetryTime.ofLongExport
        try await OTLPFixture.run("grpc", to: receiver.grpcPort, "timeout: 60s", scheme: "", time: time) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(error?.reason == "connection")
            let detail = error?.detail ?? ""
            #expect(
                detail.hasSuffix("without http:// before the endpoint gRPC goes over TLS: is that right?"), "\(detail)")
        }
    }

    /// Reads a request, and says nothing to it.
    private static let silentServer = """
        import socket, sys, time
        listener = socket.create_server(("127.0.0.1", 0))
        print("port", listener.getsockname()[1], file=sys.stderr, flush=True)
        client, _ = listener.accept()
        count = 0
        while count < 250:
            count += len(client.recv(4096))
        print("asked", file=sys.stderr, flush=True)
        time.sleep(600)
        """

    private func withSilentServer(_ body: (OrderdProcess, Int) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try OrderdProcess(command: ["python3", "-c", Self.silentServer], in: folder)
        defer { server.send(signal: SIGKILL) }
        try await body(server, Int(server.errorLine(containing: "port ").dropFirst("port ".count)) ?? 0)
    }

    @Test("an export that is cut while it waits for its answer says so", arguments: OTLPFixture.transfers)
    func cut(transfer: String) async throws {
        try await withSilentServer { server, port in
            try await OTLPFixture.run(transfer, to: port) { exporter in
                let export = Task {
                    do { try await exporter.export(TelemetryBatch.samples[0]) } catch { return error as? ExportError }
                    return nil
                }
                try await server.errorLine(containing: "asked")
                export.cancel()
                let given = "127.0.0.1:\(port): no answer yet when it was given up"
                #expect(await export.value == ExportError("connection", given, lost: 1))
            }
        }
    }

    @Test("a receiver that was asked and has not answered may have taken it", arguments: OTLPFixture.transfers)
    func mayBeTaken(transfer: String) async throws {
        try await withSilentServer { server, port in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let yaml = "{endpoint: \"http://127.0.0.1:\(port)\", protocol: \(transfer)}"
            let target = try OTLPExporter.Configuration(yaml: yaml).target(for: .metrics)
            let exchange = try OTLPExchange(target, on: group, userAgent: "orderd", time: SystemTime())
            let sender = OTLPSender(target, exchange, time: SystemTime(), within: .zero)
            let request = try #require(OTLPRequest.requests(for: TelemetryBatch.samples[0], .protobuf).requests.first)
            let export = Task { await Self.error(request, sender) }
            try await server.errorLine(containing: "asked")
            export.cancel()
            #expect(await export.value?.mayBeTaken == true)
            await sender.close()
            try await group.shutdownGracefully()
        }
    }

    private static func error(_ request: OTLPRequest, _ sender: OTLPSender) async -> OTLPFailure? {
        do { _ = try await sender.send(request) } catch { return error }
        return nil
    }
}
