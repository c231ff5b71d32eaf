import Glibc
import OrderKernel
import Synchronization

/// A thread for work that blocks. Started at once; waited for without holding a thread of the caller's.
final class BlockingThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())  // protects whether the work has ended, and who waits for that
    private let work: @Sendable () -> Void

    /// - Throws: ``PluginError`` when the system has no thread to give.
    init(_ work: @escaping @Sendable () -> Void) throws {
        self.work = work
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, &attributes, Self.main, this.toOpaque())
        guard code == 0 else {
            this.release()
            throw PluginError("cannot start a thread: \(SystemError.text(code))")
        }
    }

    /// Waits until the work has ended. Called once.
    func end() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.waiter = continuation
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { this in
        if let this { Unmanaged<BlockingThread>.fromOpaque(this).takeRetainedValue().run() }
        return nil
    }

    private func run() {
        work()
        let waiter = state.withLock { state in
            state.hasEnded = true
            return state.waiter
        }
        waiter?.resume()
    }
}

/// What the system says of its error codes.
enum SystemError {
    /// The text of a value of `errno`.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
