import NIOCore
import NIOHTTP1

/// Answers every request, once its body is there, with one and the same order.
final class ConstantAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// As long as an order that orderd answers.
    private static let order = ByteBuffer(
        string: #"{"id":4711,"customer_id":"cust_123","wood_type":"oak","quantity":5,"status":"registered","#
            + #""created_at":"2025-11-08T10:30:00.000Z","updated_at":"2025-11-08T10:30:00.000Z","revision":1}"#)
    private static let headers: HTTPHeaders = [
        "Content-Type": "application/json", "Content-Length": "\(order.readableBytes)",
    ]

    private var method = HTTPMethod.GET

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): method = head.method
        case .body: break
        case .end: answer(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        let status: HTTPResponseStatus = method == .POST ? .created : .ok
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: Self.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(Self.order))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
