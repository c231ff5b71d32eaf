internal import BlockingThreads
internal import Glibc
internal import OrderKernel

/// SIGTERM and SIGINT: the first asks the service to stop, a second ends the process at once. SIGHUP, from a terminal
/// that is gone, asks as well and never more than that; where it is ignored, as below `nohup`, it stays so. SIGQUIT
/// ends the process at once: Swift's runtime would print a backtrace and go on.
enum StopSignals {
    /// How long after the first signal others mean the same: `timeout` sends one to the process and one to its group.
    private static let sameWish: UInt32 = 100_000  // microseconds: no hand is as fast

    /// The pipe that the handler writes to: made before the handler is installed, and never changed.
    private static let pipe: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        Glibc.pipe(&ends)
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()

    /// From now on, opens the latch at the first signal.
    ///
    /// A thread of its own waits for it, as the cooperative pool may be busy. A little later it gives both signals
    /// their default action back, so that a second kills.
    /// - Throws: Where the system has no pipe or thread to give: signals keep their default action.
    static func open(_ stop: Latch) throws(PluginError) {
        let end = pipe
        guard end.read >= 0 else { throw PluginError("Cannot make a pipe that signals are noted in.") }
        _ = try BlockingThread {
            var mark: UInt8 = 0
            repeat {
                while read(end.read, &mark, 1) == -1 && errno == EINTR {}
                stop.open()
            } while mark == UInt8(SIGHUP)
            usleep(sameWish)
            for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
        }
        if !isIgnored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
        for number in [SIGTERM, SIGINT, SIGHUP] where number != SIGHUP || !isIgnored(number) {
            signal(number) { number in
                var mark = UInt8(number)
                _ = write(StopSignals.pipe.write, &mark, 1)
            }
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        let action = signal(number, SIG_IGN)
        signal(number, action)
        return unsafeBitCast(action, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
