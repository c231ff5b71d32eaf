internal import Gzip
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import OTLPFormat
internal import OrderKernel
internal import Synchronization

/// One request and its answer at a time, over a connection that is kept.
///
/// gRPC needs of HTTP/2 only its unary call: one message each way, five bytes before each, and a status behind.
final class OTLPExchange: Sendable {
    /// A connection, and what went wrong on it.
    fileprivate struct Connection {
        let channel: any Channel
        /// Makes a stream of its own for each request; `nil` where they go one after another.
        var multiplexer: NIOHTTP2Handler.StreamMultiplexer?
        let failure: ConnectionFailure
    }

    private let target: OTLPTarget
    private let group: any EventLoopGroup
    private let security: NIOSSLContext?
    private let userAgent: String
    private let time: any TimeSource
    private let resolver: (any Resolver & Sendable)?
    private let connection = Mutex<Connection?>(nil)  // protects the connection that is kept
    /// Whether the receiver has answered before, and so speaks the protocol.
    private let hasAnswered = Atomic(false)

    /// - Parameter resolver: Who knows the addresses of names; `nil` for the system.
    /// - Throws: `PluginError` for a certificate or key that cannot be read.
    init(
        _ target: OTLPTarget, on group: any EventLoopGroup, userAgent: String, time: any TimeSource,
        resolver: (any Resolver & Sendable)? = nil
    ) throws(PluginError) {
        self.target = target
        self.group = group
        self.userAgent = userAgent
        self.time = time
        self.resolver = resolver
        security = try target.security?.context(target.transfer)
    }

    /// Sends a request and waits for what the receiver makes of it. Ends soon when its task is cancelled.
    func verdict(on request: OTLPRequest, within left: Duration) async -> OTLPVerdict {
        let connection: Connection
        do {
            connection = try await connected(within: left)
        } catch {
            return await trouble(error, wasSent: false)
        }
        do {
            let answer = try await answer(to: request, over: connection, within: left)
            hasAnswered.store(true, ordering: .relaxed)
            return answer.verdict(target.transfer, at: time.date).naming(target.place)
        } catch let error as AnswerTooLarge {
            return .refused("answer_too_large", "\(error)")
        } catch {
            return await trouble(error, wasSent: true)
        }
    }

    /// What has failed once is not used again, though it may not have noticed yet that it is closed.
    private func trouble(_ error: any Error, wasSent: Bool) async -> OTLPVerdict {
        await close()
        return .busy("connection", "\(target.authority): \(reason(of: error))", after: nil, wasSent: wasSent)
    }

    /// In words for people: of an attempt that was given up not what closing its connection led to.
    private func reason(of error: any Error) -> String {
        if Task.isCancelled, !(error is CancellationError) { return "no answer yet when it was given up" }
        let text = ConnectionTrouble.text(of: error, host: target.host)
        guard !hasAnswered.load(ordering: .relaxed) else { return text }
        if target.isSecureUnasked, ConnectionTrouble.mayBeOfTLS(error), !text.contains("certificate") {
            return "\(text); without http:// before the endpoint gRPC goes over TLS: is that right?"
        }
        guard ConnectionTrouble.mayBeOfProtocol(error) else { return text }
        return "\(text); is 'protocol: \(target.transfer.rawValue)' right?"
    }

    func close() async {
        let kept = connection.withLock { connection in
            defer { connection = nil }
            return connection
        }
        try? await kept?.channel.close().get()
    }

    private func answer(
        to request: OTLPRequest, over connection: Connection, within left: Duration
    ) async throws -> OTLPAnswer {
        do {
            return try await call(request, over: connection, within: left)
        } catch let error as AnswerTooLarge {
            throw error
        } catch {
            throw connection.failure.first ?? error
        }
    }

    private func call(
        _ request: OTLPRequest, over connection: Connection, within left: Duration
    ) async throws -> OTLPAnswer {
        var channel = connection.channel
        if let multiplexer = connection.multiplexer {
            channel = try await withTaskCancellationHandler {
                try await stream(multiplexer)
            } onCancel: {
                connection.channel.close(promise: nil)
            }
        }
        return try await answer(to: request, over: channel, within: left)
    }

    private func answer(
        to request: OTLPRequest, over channel: any Channel, within left: Duration
    ) async throws -> OTLPAnswer {
        let answer = channel.eventLoop.makePromise(of: OTLPAnswer.self)
        let body = body(of: request)
        let call = OTLPCall(head: head(for: body, within: left), body: body, answer: answer)
        channel.writeAndFlush(call).cascadeFailure(to: answer)
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func connected(within left: Duration) async throws -> Connection {
        if let kept = connection.withLock({ $0 }), kept.channel.isActive { return kept }
        let new = try await connect(within: left)
        connection.withLock { $0 = new }
        return new
    }

    private func connect(within left: Duration) async throws -> Connection {
        let attempt = ConnectionAttempt()
        let opened = group.any().makePromise(of: Connection.self)
        // Before the export ends, so that it is known that nothing was sent.
        let patience = max(left * 0.9, .milliseconds(1))
        ClientBootstrap(group: group)
            .resolver(resolver)
            .connectTimeout(.nanoseconds(Int64(patience / .nanoseconds(1))))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try attempt.begin(self.connection(over: channel)) }
            }
            .connect(host: target.host, port: target.port)
            .flatMapThrowing { try attempt.connection(over: $0) }
            .cascade(to: opened)
        return try await withTaskCancellationHandler {
            try await opened.futureResult.get()
        } onCancel: {
            attempt.cancel()
            opened.fail(CancellationError())  // the lookup of a name cannot be given up: it is left to itself
        }
    }

    private func connection(over channel: any Channel) throws -> Connection {
        let pipeline = channel.pipeline.syncOperations
        let failure = ConnectionFailure()
        if let security {
            let name = (try? SocketAddress(ipAddress: target.host, port: 0)) == nil ? target.host : nil
            try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: name))
        }
        try pipeline.addHandler(FailureHandler(failure))
        guard target.transfer == .grpc else {
            try pipeline.addHTTPClientHandlers()
            try pipeline.addHandler(OTLPCallHandler())
            return Connection(channel: channel, failure: failure)
        }
        let multiplexer = try pipeline.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
        ) { stream in stream.eventLoop.makeSucceededVoidFuture() }
        return Connection(channel: channel, multiplexer: multiplexer, failure: failure)
    }

    private func stream(_ multiplexer: NIOHTTP2Handler.StreamMultiplexer) async throws -> any Channel {
        let isSecure = security != nil
        let opened = group.any().makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: opened) { stream in
            stream.eventLoop.makeCompletedFuture {
                let codec = HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: isSecure ? .https : .http)
                try stream.pipeline.syncOperations.addHandlers([codec, OTLPCallHandler()])
            }
        }
        return try await opened.futureResult.get()
    }
}

/// The connections of one attempt to connect, one for each address of the host, so that they can be given up.
private final class ConnectionAttempt: Sendable {
    private typealias State = (connections: [OTLPExchange.Connection], isOver: Bool)

    private let state = Mutex<State>(([], false))  // protects both from each other

    func begin(_ connection: OTLPExchange.Connection) throws {
        try state.withLock { state in
            if state.isOver { throw CancellationError() }
            state.connections.append(connection)
        }
    }

    /// The one that was made.
    func connection(over channel: any Channel) throws -> OTLPExchange.Connection {
        guard let made = state.withLock({ $0.connections.first { $0.channel === channel } }) else {
            throw CancellationError()
        }
        return made
    }

    func cancel() {
        let connections = state.withLock { state in
            state.isOver = true
            return state.connections
        }
        for connection in connections { connection.channel.close(promise: nil) }
    }
}

// MARK: Requests

extension OTLPExchange {
    private func head(for body: ByteBuffer, within left: Duration) -> HTTPRequestHead {
        var headers = HTTPHeaders()
        let isStandard = target.port == (security == nil ? 80 : 443)
        let name = target.host.contains(":") ? "[\(target.host)]" : target.host
        headers.add(name: "host", value: isStandard ? name : "\(name):\(target.port)")
        headers.add(name: "user-agent", value: userAgent)
        switch target.transfer {
        case .grpc:
            headers.add(name: "content-type", value: "application/grpc")
            headers.add(name: "te", value: "trailers")
            headers.add(name: "grpc-timeout", value: "\(Int(min(99_999_999, max(1, left / .milliseconds(1)))))m")
            if target.compresses { headers.add(name: "grpc-encoding", value: "gzip") }
        case .protobuf: headers.add(name: "content-type", value: "application/x-protobuf")
        case .json: headers.add(name: "content-type", value: "application/json")
        }
        if target.transfer != .grpc {
            headers.add(name: "accept-encoding", value: "identity")
            if target.compresses { headers.add(name: "content-encoding", value: "gzip") }
            headers.add(name: "content-length", value: String(body.readableBytes))
        }
        for (name, value) in target.headers { headers.replaceOrAdd(name: name, value: value) }
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: headers)
    }

    private func body(of request: OTLPRequest) -> ByteBuffer {
        let bytes = target.compresses ? Gzip.compressed(request.bytes) : request.bytes
        guard target.transfer == .grpc else { return ByteBuffer(bytes: bytes) }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(bytes.count + 5)
        buffer.writeInteger(target.compresses ? UInt8(1) : 0)
        buffer.writeInteger(UInt32(bytes.count))
        buffer.writeBytes(bytes)
        return buffer
    }
}
