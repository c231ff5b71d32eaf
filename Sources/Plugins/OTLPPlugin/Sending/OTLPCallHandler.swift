internal import NIOCore
internal import NIOHTTP1

/// A request, and the promise of its answer.
struct OTLPCall: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let answer: EventLoopPromise<OTLPAnswer>
}

/// The receiver answered with more than can be an answer.
struct AnswerTooLarge: Error, CustomStringConvertible {
    var description: String { "the answer has more than \(OTLPCallHandler.largest) bytes" }
}

/// The connection ended before the answer did.
struct ConnectionEnded: Error, CustomStringConvertible {
    var description: String { "the connection ended without an answer" }
}

/// Writes one request at a time and gathers its answer.
final class OTLPCallHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = OTLPCall
    typealias OutboundOut = HTTPClientRequestPart

    /// Most bytes of an answer that are read (OTLP 1.11).
    static let largest = 4 << 20

    private var answer: EventLoopPromise<OTLPAnswer>?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let call = unwrapOutboundIn(data)
        guard context.channel.isActive else {
            call.answer.fail(ConnectionEnded())
            promise?.fail(ConnectionEnded())
            return
        }
        answer = call.answer
        (head, body) = (nil, [])
        context.write(wrapOutboundOut(.head(call.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let new): head = new
        case .body(let piece):
            guard body.count + piece.readableBytes <= Self.largest else { return fail(AnswerTooLarge(), context) }
            body.append(contentsOf: piece.readableBytesView)
        case .end(let trailers):
            guard let head, head.status.code >= 200 else { return }
            let fields = (Array(head.headers) + Array(trailers ?? [:])).map {
                (name: $0.name.lowercased(), value: $0.value)
            }
            let ended = answer.take()
            // First, so that whoever has the answer finds no connection that ends.
            if !head.isKeepAlive { context.close(promise: nil) }
            ended?.succeed(OTLPAnswer(status: Int(head.status.code), fields: fields, body: body))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    func channelInactive(context: ChannelHandlerContext) {
        answer?.fail(ConnectionEnded())
        answer = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        answer?.fail(ConnectionEnded())
        answer = nil
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        answer?.fail(error)
        answer = nil
        context.close(promise: nil)
    }
}
