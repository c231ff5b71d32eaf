internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// Makes requests of what the parser reads from one connection.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A request whose body is still being read.
    private struct Partial {
        var plan: RequestPlan
        /// When the head was complete.
        let start: Instant
        var body: ByteBuffer?
        /// Bytes of the body so far, whether they are kept or not.
        var size = 0
    }

    private let connection: Connection
    private let server: Server
    /// Of the last request; random for the first of a connection, and from there on as cheap as a number.
    private var id = RequestID.random()
    /// Who sent the last request.
    private var caller: Caller
    private var partial: Partial?
    /// Whether the last request was seen, or more than that: all that follows is thrown away.
    private var isDeaf = false
    /// Whether the bytes just read ended anywhere but within a head.
    private var sawPart = false

    init(_ connection: Connection) {
        self.connection = connection
        self.server = connection.server
        self.caller = connection.caller
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sawPart = true
        if isDeaf { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let piece): receive(piece)
        case .end: complete()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !sawPart { connection.beginHead() }
        sawPart = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if connection.mayRead() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.setWritable(context.channel.isWritable)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { connection.closeInput() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.close(abandoned())
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState: connection.giveUp(abandoned())
        case let error as HTTPParserError:
            if isDeaf { return }
            drop()
            let detail = error == .headerOverflow ? Listener.headTooLarge : "This is no HTTP that is understood."
            partial = Partial(plan: .malformed(detail, from: connection.caller), start: server.time.now)
            complete()
        case ByteToMessageDecoderError.dataReceivedInErrorState:
            break  // what follows malformed bytes
        default: context.close(promise: nil)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        id = id.advanced(by: 1)
        var plan = server.reader.plan(for: head, from: &caller, id: id)
        if connection.isSurplus { plan.turnAway(.tooManyConnections) }
        partial = Partial(plan: plan, start: server.time.now)
        if plan.isAnsweredEarly { return complete() }
        connection.beginBody(expectsContinue: plan.expectsContinue)
    }

    private func receive(_ piece: ByteBuffer) {
        guard var partial = partial.take() else { return }
        partial.size += piece.readableBytes
        if partial.size > server.limits.body.bytes {
            return refuse(partial, .bodyTooLarge(most: server.limits.body.bytes))
        }
        if partial.plan.wantsBody {
            guard server.load.hold(piece.readableBytes) else { return refuse(partial, .tooManyBodies) }
            partial.body.append(piece)
        }
        self.partial = partial
        connection.receivePiece()
    }

    private func refuse(_ partial: Partial, _ problem: Problem) {
        self.partial = partial
        drop()
        var plan = partial.plan
        plan.refuse(problem)
        self.partial = Partial(plan: plan, start: partial.start)
        complete()
    }

    private func complete() {
        guard let partial = partial.take() else { return }
        let request = Request(
            plan: partial.plan, body: partial.body, start: partial.start, completion: server.time.now)
        isDeaf = !connection.complete(request) || partial.plan.isLast
    }

    /// Gives up the request whose body was being read, and which nobody waits for any more.
    /// - Returns: What is left of it, to be counted.
    private func abandoned() -> Request? {
        defer { drop() }
        guard let plan = partial?.plan, let start = partial?.start, case .orders = plan.action else { return nil }
        return Request(plan: plan, body: nil, start: start, completion: server.time.now)
    }

    /// Gives up the request whose body was being read.
    private func drop() {
        guard let body = partial.take()?.body else { return }
        server.load.release(body.readableBytes)
    }
}

extension Optional<ByteBuffer> {
    /// Adds bytes behind those that are there.
    fileprivate mutating func append(_ piece: ByteBuffer) {
        guard var body = take() else {
            self = piece
            return
        }
        body.writeImmutableBuffer(piece)
        self = body
    }
}

extension Problem {
    fileprivate static let tooManyConnections = Problem(.overloaded, "There are too many connections.")
    fileprivate static let tooManyBodies = Problem(.overloaded, "Too many bodies are being received.")
}
