internal import Listening
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// Serves the metrics, and nothing else, over HTTP/1.1 on a port of its own.
struct ScrapeServer {
    let host: String
    let port: Int
    let document: MetricsDocument
    let context: PluginContext

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Listens, says ready, and answers until told to stop.
    /// - Throws: `PluginError` when the address cannot be had.
    func run() async throws {
        try await MultiThreadedEventLoopGroup.withEventLoopGroup(numberOfThreads: 1) { group in
            try await serve(on: group)
        }
    }

    private func serve(on group: any EventLoopGroup) async throws {
        let server = try await listener(on: group)
        context.logger.info(
            "serving metrics",
            metadata: ["address": "http://\(ListeningAddress.text(of: server.channel))\(document.path)"])
        context.ready()
        try await withGracefulShutdownHandler {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { tasks in
                    let share = ConnectionShare()
                    for try await connection in connections {
                        share.enter(connection.channel)
                        tasks.addTask {
                            await answer(connection, share)
                            share.leave(connection.channel)
                        }
                    }
                    tasks.cancelAll()
                }
            }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }

    private func listener(on group: any EventLoopGroup) async throws -> NIOAsyncChannel<Connection, Never> {
        let place = ListeningAddress(host: host, port: port)
        do {
            let address = try await place.resolved(on: group)
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AcceptPause(context.logger))
                    }
                }
                .bind(to: address) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                        try channel.pipeline.syncOperations.addHandler(IdleStateHandler(allTimeout: .seconds(120)))
                        try channel.pipeline.syncOperations.addHandler(IdleCloser())
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw place.trouble(error)
        }
    }

    /// Answers the requests of one connection. What goes wrong with it ends it, and nothing else.
    private func answer(_ connection: Connection, _ share: ConnectionShare) async {
        try? await connection.executeThenClose { requests, answers in
            var head: HTTPRequestHead?
            for try await part in requests {
                switch part {
                case .head(let new): head = new
                case .body: break
                case .end:
                    guard let request = head.take() else { return }
                    share.begin(connection.channel)
                    for part in await parts(answering: request) { try await answers.write(part) }
                    if !request.isKeepAlive { return }
                    share.wait(connection.channel)
                }
            }
        }
    }

    private func parts(answering request: HTTPRequestHead) async -> [HTTPServerResponsePart] {
        let path = request.uri.prefix { $0 != "?" }
        var status = HTTPResponseStatus.ok
        var headers = HTTPHeaders()
        var body: [UInt8] = []
        if path != document.path {
            status = .notFound
        } else if request.method == .GET || request.method == .HEAD {
            let content = await document.content(
                for: DocumentRequest(
                    accept: request.headers["accept"], acceptEncoding: request.headers["accept-encoding"]))
            headers.add(name: "content-type", value: content.type)
            if let encoding = content.encoding { headers.add(name: "content-encoding", value: encoding) }
            headers.add(name: "vary", value: "accept, accept-encoding")
            body = content.bytes
        } else {
            status = .methodNotAllowed
            headers.add(name: "allow", value: "GET, HEAD")
        }
        headers.add(name: "content-length", value: String(body.count))
        if !request.isKeepAlive { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        return request.method == .HEAD
            ? [.head(head), .end(nil)] : [.head(head), .body(.byteBuffer(ByteBuffer(bytes: body))), .end(nil)]
    }
}

/// The connections that there are: for one too many the one is closed that has waited longest for a request, or where
/// none but the new one waits, the one that takes longest to be answered. That leaves descriptors to the rest of the
/// process, and a place to whoever comes next.
private final class ConnectionShare: Sendable {
    private struct State {
        /// Connections without a request, in the order in which they began to wait.
        var waiting: [any Channel] = []
        /// Those that are being answered, in the order of their requests.
        var busy: [any Channel] = []

        /// - Returns: What is to be closed, and counts no longer.
        mutating func enter(_ channel: any Channel) -> (any Channel)? {
            waiting.append(channel)
            guard waiting.count + busy.count > ConnectionShare.most else { return nil }
            return waiting.count == 1 ? busy.removeFirst() : waiting.removeFirst()
        }

        mutating func leave(_ channel: any Channel) {
            waiting.removeAll { $0 === channel }
            busy.removeAll { $0 === channel }
        }
    }

    private static let most = 16

    private let state = Mutex(State())  // protects who waits, and who is answered

    func enter(_ channel: any Channel) { state.withLock { $0.enter(channel) }?.close(promise: nil) }

    /// It has a request.
    func begin(_ channel: any Channel) {
        state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0 === channel }) else { return }
            state.busy.append(state.waiting.remove(at: place))
        }
    }

    /// It waits for its next request.
    func wait(_ channel: any Channel) {
        state.withLock { state in
            guard let place = state.busy.firstIndex(where: { $0 === channel }) else { return }
            state.waiting.append(state.busy.remove(at: place))
        }
    }

    func leave(_ channel: any Channel) { state.withLock { $0.leave(channel) } }
}

/// Closes a connection on which nothing happens.
private final class IdleCloser: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
