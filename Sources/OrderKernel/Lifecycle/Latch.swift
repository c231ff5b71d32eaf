internal import Synchronization

/// Something that happens once, and that many may wait for.
public final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())  // protects who waits

    public init() {}

    /// Whether it has happened.
    public var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Lets everyone through who waits, now and later.
    public func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        waiters.forEach { $0.resume() }
    }

    /// Waits until it is open.
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func wait() async throws {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiters[number] = waiter }
                    return state.isOpen
                }
                if isOpen { waiter.resume() }
                if Task.isCancelled { cancel(number) }
            }
        } onCancel: {
            cancel(number)
        }
    }

    private func cancel(_ number: Int) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(throwing: CancellationError())
    }
}
