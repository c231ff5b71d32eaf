internal import OrderKernel
internal import Synchronization

/// A place that one task is in at a time; the others wait, first come, first served.
final class OneAtATime: Sendable {
    /// For those who count the descriptors of the process, which all tests share.
    static let descriptors = OneAtATime()

    private struct State {
        var isTaken = false
        var waiting: [Latch] = []

        /// - Returns: What to wait for; `nil` when the place is free.
        mutating func enter() -> Latch? {
            guard isTaken else {
                isTaken = true
                return nil
            }
            waiting.append(Latch())
            return waiting.last
        }

        /// - Returns: Who is next.
        mutating func leave() -> Latch? {
            isTaken = !waiting.isEmpty
            return isTaken ? waiting.removeFirst() : nil
        }
    }

    private let state = Mutex(State())  // protects who is in, and who waits

    /// Waits until nobody is in.
    /// - Throws: `CancellationError` when the task is cancelled before.
    func enter() async throws {
        guard let turn = state.withLock({ $0.enter() }) else { return }
        do {
            try await turn.wait()
        } catch {
            let isNext = state.withLock { state in
                guard let place = state.waiting.firstIndex(where: { $0 === turn }) else { return true }
                state.waiting.remove(at: place)
                return false
            }
            if isNext { leave() }
            throw error
        }
    }

    func leave() {
        state.withLock { $0.leave() }?.open()
    }
}
