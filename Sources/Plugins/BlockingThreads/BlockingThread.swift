internal import Glibc
public import OrderKernel
internal import Synchronization

/// A thread for work that blocks, so that it holds up no thread of the concurrency runtime.
///
/// Started at once; waited for without holding a thread of the caller's.
public final class BlockingThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiter: UnsafeContinuation<Void, Never>?
    }

    private let state = Mutex(State())  // protects whether the work has ended, and who waits for that
    private let work: @Sendable () -> Void

    /// - Throws: `PluginError` when the system has no thread to give.
    public init(_ work: @escaping @Sendable () -> Void) throws(PluginError) {
        self.work = work
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { this in
                if let this { Unmanaged<BlockingThread>.fromOpaque(this).takeRetainedValue().run() }
                return nil
            }, this.toOpaque())
        guard code == 0 else {
            this.release()
            throw PluginError("cannot start a thread: \(SystemError.text(code))")
        }
        pthread_detach(thread)
    }

    /// Waits until the work has ended. Called once.
    public func join() async {
        await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
            let hasEnded = state.withLock { state in
                state.waiter = waiter
                return state.hasEnded
            }
            if hasEnded { waiter.resume() }
        }
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
