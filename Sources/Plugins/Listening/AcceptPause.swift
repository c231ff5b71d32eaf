internal import Glibc
public import Logging
public import NIOCore

/// Stops accepting while the process or the system has too few descriptors to give, and says so.
///
/// Connections leave some to the rest of the process: storage and exporters need them, and the runtime ends the process
/// when it gets none.
///
/// SwiftNIO holds back the next read after an error, but goes on asking the system for the one under way, without end.
/// Clients wait in the backlog meanwhile.
public final class AcceptPause: ChannelInboundHandler {
    public typealias InboundIn = Channel

    private static let pause = TimeAmount.seconds(1)
    /// Most descriptors that are left to others; half of them where few are free at the start.
    private static let mostReserved: rlim_t = 24
    /// One line tells of all that happens in this time.
    private static let silence = TimeAmount.minutes(1)

    private let logger: Logger
    private let reserve: rlim_t
    private var quietUntil = NIODeadline.now()
    private var isPaused = false

    /// - Parameter logger: Hears that connections have to wait.
    public init(_ logger: Logger) {
        self.logger = logger
        self.reserve = min(Self.mostReserved, Self.free / 2)
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        guard isScarce else { return }
        report(EMFILE)
        pause(context)
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
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
            metadata: ["reason": "\(String(cString: strerror(code)))", "advice": "raise the limit of open files"])
    }

    private func pause(_ context: ChannelHandlerContext) {
        let channel = context.channel
        // Only a change ends the asking, and SwiftNIO may have asked again in a pause.
        if isPaused { _ = channel.setOption(.autoRead, value: true) }
        _ = channel.setOption(.autoRead, value: false)
        guard !isPaused else { return }
        isPaused = true
        resume(channel, on: context.eventLoop.assumeIsolated())
    }

    private func resume(_ channel: any Channel, on loop: NIOIsolatedEventLoop) {
        loop.scheduleTask(in: Self.pause) {
            if self.isScarce { return self.resume(channel, on: loop) }
            self.isPaused = false
            _ = channel.setOption(.autoRead, value: true)
        }
    }

    private var isScarce: Bool { Self.free <= reserve }

    /// Descriptors between the lowest free one, which the system gives next, and the limit.
    private static var free: rlim_t {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        let next = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
        guard next >= 0 else { return errno == EMFILE ? 0 : .max }
        close(next)
        return limit.rlim_cur - min(rlim_t(next), limit.rlim_cur)
    }
}
