internal import Glibc
internal import OrderKernel

/// Wakes one thread that waits, also while it waits for a socket: a pipe to itself.
final class WakeUp: Sendable {
    private let reading: Int32
    private let writing: Int32

    /// - Throws: `PluginError` when the system has no descriptors to give.
    init() throws(PluginError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PluginError("There is no descriptor left for a pipe (errno \(errno)).") }
        (reading, writing) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)  // a full pipe has woken the thread already
        }
    }

    /// Wakes the thread, or lets its next wait return at once.
    func wake() {
        _ = write(writing, [1], 1)
    }

    /// Waits until woken, until a socket has something to read, or until a moment.
    /// - Parameter socket: -1 for none.
    func wait(besides socket: Int32 = -1, until end: Instant?) {
        var polled = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&polled, 2, end.map { $0.pollTimeout } ?? -1)
        guard polled[0].revents != 0 else { return }
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(reading, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }

    func close() {
        _ = Glibc.close(reading)
        _ = Glibc.close(writing)
    }
}

/// Waits until a socket is ready.
/// - Parameter events: `POLLIN`, `POLLOUT` or both.
/// - Returns: Whether it is, or is broken; `false` when the moment came first.
func waitForSocket(_ socket: Int32, _ events: Int32, until end: Instant) -> Bool {
    var polled = pollfd(fd: socket, events: Int16(events), revents: 0)
    while true {
        let count = poll(&polled, 1, end.pollTimeout)
        if count > 0 { return true }
        if count == 0 || errno != EINTR { return false }
    }
}

extension Instant {
    /// Milliseconds until then, rounded up, as `poll` takes them.
    fileprivate var pollTimeout: Int32 {
        let left = self - .now
        guard left > .zero else { return 0 }
        return Int32(min((left / .milliseconds(1)).rounded(.up), 3_600_000))
    }
}
