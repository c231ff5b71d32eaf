internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OrderKernel

extension Listener {
    /// What the heads of requests may hold: generous for programs, too little to fill memory with.
    private static var headLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 128
        return limits
    }

    /// Looks a host up, on a thread that may wait for the answer.
    static func address(
        _ configuration: HTTPTransport.Configuration, _ group: MultiThreadedEventLoopGroup
    ) async throws -> SocketAddress {
        let (host, port) = (configuration.host, configuration.port)
        return try await NIOThreadPool.singleton.runIfActive(eventLoop: group.any()) {
            try SocketAddress.makeAddressResolvingHost(host, port: port)
        }.get()
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

    /// Says in one line why an address cannot be had.
    static func pluginError(for error: any Error, _ configuration: HTTPTransport.Configuration) -> PluginError {
        let (host, port) = (configuration.host, configuration.port)
        if let error = error as? PluginError { return error }
        if error is SocketAddressError.UnknownHost { return PluginError("The host \(host) is unknown.") }
        return switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            PluginError("Port \(port) on \(host) is taken: choose another port, or stop what uses it.")
        case EACCES:
            PluginError("Port \(port) needs rights that the process does not have: choose one from 1024 on.")
        case EADDRNOTAVAIL:
            PluginError("\(host) is no address of this machine.")
        default:
            PluginError("Cannot listen on port \(port) of \(host): \(error).")
        }
    }
}
