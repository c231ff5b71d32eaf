internal import Glibc
public import OrderKernel

/// Wakes a thread that waits, also for a file or a socket: a pipe to itself.
public final class WakeUp: Sendable {
    private let reading: Int32
    private let writing: Int32
    /// What one wait forgets: more than wakes anybody in practice, and if not, the next wait returns at once.
    private static let most = 512

    /// - Throws: `PluginError` when the system has no descriptors to give.
    public init() throws(PluginError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PluginError("cannot make a pipe: \(SystemError.text(errno))")
        }
        (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)  // a full pipe has woken whoever waits already
    }

    /// Wakes the thread, or lets its next wait return at once.
    public func wake() {
        _ = write(writing, [1], 1)
    }

    /// Waits until woken, and forgets it.
    public func wait() { forget() }

    /// Waits until a file is ready for the events, or broken.
    /// - Parameter patience: Milliseconds that the file is still waited for by one that was woken.
    /// - Returns: Whether it is; `false` means woken, which is not forgotten.
    public func wait(for file: Int32, _ events: Int32, patience: Int32 = 0) -> Bool {
        var polled = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0), pollfd(fd: file, events: Int16(events), revents: 0),
        ]
        while poll(&polled, 2, -1) < 0, errno == EINTR {}
        if polled[0].revents == 0 || patience == 0 { return polled[0].revents == 0 }
        polled.removeFirst()
        return poll(&polled, 1, patience) > 0
    }

    /// Waits until woken, which it forgets, until a socket has something to read, or until a moment.
    /// - Parameter socket: -1 for none.
    public func wait(besides socket: Int32 = -1, until end: Instant?) {
        var polled = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&polled, 2, end.map { $0.pollTimeout } ?? -1)
        if polled[0].revents != 0 { forget() }
    }

    /// No thread may wait any more, or wake one.
    public func close() {
        _ = Glibc.close(reading)
        _ = Glibc.close(writing)
    }

    private func forget() {
        withUnsafeTemporaryAllocation(byteCount: Self.most, alignment: 1) { bytes in
            while read(reading, bytes.baseAddress, bytes.count) < 0, errno == EINTR {}
        }
    }
}
