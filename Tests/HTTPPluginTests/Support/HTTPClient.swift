import NIOCore
import NIOPosix
import Synchronization

/// A client that sends bytes as they are, whether they are HTTP or not.
final class HTTPClient: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let channel: any Channel
    private let received: Received

    private init(channel: any Channel, received: Received) {
        self.channel = channel
        self.received = received
    }

    static func connect(to port: Int) async throws -> HTTPClient {
        let received = Received()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return HTTPClient(channel: channel, received: received)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Says that nothing more comes, and goes on reading.
    func closeOutput() async throws { try await channel.close(mode: .output).get() }

    func close() async throws { try? await channel.close().get() }

    /// Stops reading, or goes on.
    func setReading(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

    /// Waits for the next whole answer.
    /// - Throws: ``Failure`` when the connection ends before.
    func answer(isHead: Bool = false) async throws -> HTTPAnswer {
        try await received.wait { HTTPAnswer.take(from: &$0, isHead: isHead) }
    }

    /// Waits until the service closes the connection.
    /// - Returns: What came before that and was not yet taken.
    func rest() async -> String { await received.waitForEnd() }
}

/// Bytes that came, and who waits for them.
private final class Received: Sendable {
    private struct State {
        var bytes = ByteBuffer()
        var isOver = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [] }
            return waiters
        }
    }

    private let state = Mutex(State())  // protects the bytes, and who waits for more

    func append(_ bytes: ByteBuffer) {
        let waiters = state.withLock { state in
            state.bytes.writeImmutableBuffer(bytes)
            return state.takeWaiters()
        }
        waiters.forEach { $0.resume() }
    }

    func end() {
        let waiters = state.withLock { state in
            state.isOver = true
            return state.takeWaiters()
        }
        waiters.forEach { $0.resume() }
    }

    func wait<Value: Sendable>(_ take: @Sendable (inout ByteBuffer) -> Value?) async throws -> Value {
        while true {
            let (value, isOver, rest) = state.withLock { (take(&$0.bytes), $0.isOver, $0.bytes) }
            if let value { return value }
            if isOver { throw HTTPClient.Failure(description: "the connection ended after: \(String(buffer: rest))") }
            await change(from: rest.readableBytes)
        }
    }

    func waitForEnd() async -> String {
        while true {
            let (bytes, isOver) = state.withLock { ($0.bytes, $0.isOver) }
            if isOver { return String(buffer: bytes) }
            await change(from: bytes.readableBytes)
        }
    }

    /// Waits until there are other bytes than so many, or the end.
    private func change(from count: Int) async {
        await withCheckedContinuation { waiter in
            let hasChanged = state.withLock { state in
                if state.isOver || state.bytes.readableBytes != count { return true }
                state.waiters.append(waiter)
                return false
            }
            if hasChanged { waiter.resume() }
        }
    }
}

private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: Received

    init(_ received: Received) {
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { received.append(unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { received.end() }
    }

    func channelInactive(context: ChannelHandlerContext) { received.end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
