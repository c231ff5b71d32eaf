internal import Glibc
public import OrderKernel

/// Waits until a socket is ready.
/// - Parameter events: `POLLIN`, `POLLOUT` or both.
/// - Returns: Whether it is, or is broken; `false` when the moment came first.
public func waitForSocket(_ socket: Int32, _ events: Int32, until end: Instant) -> Bool {
    var polled = pollfd(fd: socket, events: Int16(events), revents: 0)
    while true {
        let count = poll(&polled, 1, end.pollTimeout)
        if count > 0 { return true }
        if count == 0 || errno != EINTR { return false }
    }
}

extension Instant {
    /// Milliseconds until then, rounded up, as `poll` takes them.
    var pollTimeout: Int32 {
        let left = self - .now
        guard left > .zero else { return 0 }
        return Int32(min((left / .milliseconds(1)).rounded(.up), 3_600_000))
    }
}
