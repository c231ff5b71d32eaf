internal import NIOCore
internal import Synchronization

/// The first thing that went wrong on a connection. What fails later, as the connection is closed then, knows less.
final class ConnectionFailure: Sendable {
    private let error = Mutex<(any Error)?>(nil)  // protects the error

    var first: (any Error)? { error.withLock { $0 } }

    func note(_ new: any Error) { error.withLock { if $0 == nil { $0 = new } } }
}

/// Notes what went wrong on a connection, and lets it pass.
final class FailureHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let failure: ConnectionFailure

    init(_ failure: ConnectionFailure) { self.failure = failure }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure.note(error)
        context.fireErrorCaught(error)
    }
}
