internal import Listening
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// The socket that clients connect to, and the life of the transport behind it.
struct Listener {
    /// How long idle connections stay after the stop, for requests that were on their way when it came.
    private static let lastCall = Duration.milliseconds(50)

    private let server: Server
    private let channel: NIOAsyncChannel<Connection?, Never>

    /// Binds and listens.
    /// - Throws: ``PluginError`` for an address that cannot be had.
    init(
        configuration: HTTPTransport.Configuration, context: PluginContext, service: OrderService,
        group: MultiThreadedEventLoopGroup
    ) async throws {
        let place = ListeningAddress(host: configuration.host, port: configuration.port)
        do {
            let address = try await place.resolved(on: group)
            let hostGuard = HostGuard(
                isLoopback: address.isLoopback, allowedHosts: configuration.allowedHosts,
                allowedOrigins: configuration.allowedOrigins)
            let server = Server(
                limits: configuration.limits, tellsTrace: configuration.serverTiming, hostGuard: hostGuard,
                context: context, service: service)
            self.server = server
            self.channel = try await Self.bind(to: address, group: group, server: server)
        } catch {
            throw place.trouble(error)
        }
    }

    /// Where clients connect to: `127.0.0.1:5000`.
    var address: String { ListeningAddress.text(of: channel.channel) }

    /// Serves until graceful shutdown, and then until all that is in flight is answered; cancellation cuts it.
    func run() async throws -> TransportEnd {
        let cut = CutRequests()
        do {
            try await withTaskCancellationHandler {
                try await withGracefulShutdownHandler {
                    async let _: Void = sweep()
                    try await serve()
                } onGracefulShutdown: {
                    channel.channel.close(promise: nil)
                }
            } onCancel: {
                cut.count.add(server.connections.all.reduce(0) { $0 + $1.cut() }, ordering: .relaxed)
            }
        } catch is CancellationError {
            server.logger.debug("cancelled")
        }
        let count = cut.count.load(ordering: .relaxed)
        if count > 0 { server.logger.warning("requests were cut", metadata: ["count": "\(count)"]) }
        return count > 0 ? .stoppedEarly : .complete
    }

    private func serve() async throws {
        try await channel.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await case let connection? in connections {
                    group.addTask(executorPreference: connection.executor) { await connection.serve() }
                }
                let isTold = Task.isShuttingDownGracefully || Task.isCancelled
                await drain()
                if !isTold { throw PluginError("The listening socket at \(address) was closed by the system.") }
            }
        }
    }

    private func drain() async {
        server.connections.stop()
        server.connections.all.forEach { $0.drain() }
        try? await server.time.sleep(for: Self.lastCall)
        server.connections.all.forEach { $0.endWhenIdle() }
    }

    /// Looks now and then for connections that take too long.
    private func sweep() async {
        while (try? await server.time.sleep(for: server.limits.sweepInterval)) != nil {
            let now = server.time.now
            for connection in server.connections.all { await connection.sweep(at: now, limits: server.limits) }
        }
    }
}

/// Requests that went without an answer.
private final class CutRequests: Sendable {
    let count = Atomic(0)
}
