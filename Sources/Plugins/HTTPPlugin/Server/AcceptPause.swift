internal import Glibc
internal import Logging
internal import NIOCore

/// Stops accepting for a second when the process or the system has no descriptor to give, and says so.
///
/// SwiftNIO holds back the next read after an error, but goes on asking the system for the one under way, without end.
/// Clients wait in the backlog meanwhile.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    private static let pause = TimeAmount.seconds(1)
    /// One line tells of all that happens in this time.
    private static let silence = TimeAmount.minutes(1)

    private let logger: Logger
    private var quietUntil = NIODeadline.now()
    private var isPaused = false

    init(_ logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let code = (error as? IOError)?.errnoCode, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) {
            report(code)
            pause(context)
        }
        context.fireErrorCaught(error)
    }

    private func report(_ code: Int32) {
        let now = NIODeadline.now()
        guard now >= quietUntil else { return }
        quietUntil = now + Self.silence
        logger.warning(
            "connections have to wait",
            metadata: ["error": "\(String(cString: strerror(code)))", "advice": "raise the limit of open files"])
    }

    private func pause(_ context: ChannelHandlerContext) {
        let channel = context.channel
        // Only a change ends the asking, and SwiftNIO may have asked again in a pause.
        if isPaused { _ = channel.setOption(.autoRead, value: true) }
        _ = channel.setOption(.autoRead, value: false)
        guard !isPaused else { return }
        isPaused = true
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isPaused = false
            _ = channel.setOption(.autoRead, value: true)
        }
    }
}
