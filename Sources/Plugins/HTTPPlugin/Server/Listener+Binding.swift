internal import Listening
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OrderKernel

extension Listener {
    private static let largestField = 16 << 10
    private static let largestHead = 64 << 10
    private static let mostFields = 128

    /// What a client is told whose head is beyond ``headLimits``.
    static let headTooLarge = """
        The head is too large. A target or field has at most \(largestField >> 10) KiB, all together have \
        \(largestHead >> 10) KiB; there are at most \(mostFields) fields.
        """

    /// What the heads of requests may hold: generous for programs, too little to fill memory with.
    private static var headLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = largestField
        limits.maxHeaderListSize = largestHead
        limits.maxHeaderFieldCount = mostFields
        return limits
    }

    static func bind(
        to address: SocketAddress, group: MultiThreadedEventLoopGroup, server: Server
    ) async throws -> NIOAsyncChannel<Connection?, Never> {
        let executors = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { (ObjectIdentifier($0), LoopExecutor($0)) })
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(server.logger))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(to: address) { channel in
                let loop = channel.eventLoop
                let executor = executors[ObjectIdentifier(loop)] ?? LoopExecutor(loop)
                return loop.makeCompletedFuture { try connection(channel, executor, server) }
            }
    }

    /// Sets a new connection up; `nil` when there are too many by far.
    private static func connection(
        _ channel: any Channel, _ executor: LoopExecutor, _ server: Server
    ) throws -> Connection? {
        let admission = server.connections.enter()
        if admission == .dropped {
            channel.close(promise: nil)
            return nil
        }
        let connection = Connection(
            channel: channel, executor: executor, server: server, isSurplus: admission == .surplus)
        server.connections.add(connection)
        channel.closeFuture.whenComplete { _ in server.connections.remove(connection) }
        let decoder = HTTPRequestDecoder(limitConfiguration: headLimits)
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
        try channel.pipeline.syncOperations.addHandler(ConnectionHandler(connection))
        return connection
    }
}
