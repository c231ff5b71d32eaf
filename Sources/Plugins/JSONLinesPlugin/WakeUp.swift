import Glibc
import OrderKernel

/// Wakes one thread that waits, also while it waits for a file: a pipe to itself.
final class WakeUp: Sendable {
    private let reading: Int32
    private let writing: Int32

    /// - Throws: ``PluginError`` when the system has no descriptors to give.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PluginError("cannot make a pipe: \(SystemError.text(errno))")
        }
        (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)  // a full pipe has woken the thread already
    }

    /// Wakes the thread, or lets its next wait return at once.
    func wake() {
        _ = write(writing, [1], 1)
    }

    /// Waits until woken, and forgets it.
    func wait() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(reading, &bytes, MemoryLayout.size(ofValue: bytes)) < 0, errno == EINTR {}
    }

    /// Waits until a file is ready for the events, or broken.
    /// - Parameter patience: Milliseconds that the file is still waited for by one that was woken.
    /// - Returns: Whether it is; `false` means woken, which is not forgotten.
    func wait(for file: Int32, _ events: Int32, patience: Int32 = 0) -> Bool {
        var polled = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0), pollfd(fd: file, events: Int16(events), revents: 0),
        ]
        while poll(&polled, 2, -1) < 0, errno == EINTR {}
        if polled[0].revents == 0 || patience == 0 { return polled[0].revents == 0 }
        polled.removeFirst()
        return poll(&polled, 1, patience) > 0
    }

    func close() {
        _ = Glibc.close(reading)
        _ = Glibc.close(writing)
    }
}
