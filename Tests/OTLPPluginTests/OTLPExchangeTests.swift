import NIOCore
import NIOPosix
import OTLPFormat
import OrderKernel
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
        let sender = OTLPSender(target, exchange, time: SystemTime())
        let request = try #require(OTLPRequest.requests(for: TelemetryBatch.samples[0], .protobuf).requests.first)

        let exports = Task { [await Self.error(request, sender), await Self.error(request, sender)] }
        await names.waitForLookup()
        exports.cancel()
        let given = ExportError("connection", "collector:4318: not connected yet when it was given up")
        #expect(await exports.value == [given, ExportError("cancelled", "the export was given up")])
        #expect(names.count == 1)

        names.end()
        await sender.close()
        try await group.shutdownGracefully()
    }

    private static func error(_ request: OTLPRequest, _ sender: OTLPSender) async -> ExportError? {
        do { _ = try await sender.send(request) } catch { return error }
        return nil
    }
}
