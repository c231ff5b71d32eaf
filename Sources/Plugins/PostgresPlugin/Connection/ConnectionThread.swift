internal import Glibc
internal import OrderKernel
internal import Synchronization

/// A thread for a connection: it may block, so it is none of the concurrency runtime's.
final class ConnectionThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiter: UnsafeContinuation<Void, Never>?
    }

    private let state = Mutex(State())  // protects whether the work has ended, and who waits for that
    private let work: @Sendable () -> Void

    /// Starts at once.
    /// - Throws: `PluginError` when the system has no thread to give.
    init(_ work: @escaping @Sendable () -> Void) throws(PluginError) {
        self.work = work
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { this in
                if let this { Unmanaged<ConnectionThread>.fromOpaque(this).takeRetainedValue().run() }
                return nil
            }, this.toOpaque())
        guard code == 0 else {
            this.release()
            throw PluginError("There is no thread left for a connection (error \(code)).")
        }
        pthread_detach(thread)
    }

    /// Waits until the work has ended. Called once.
    func join() async {
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
