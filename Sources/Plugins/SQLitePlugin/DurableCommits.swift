internal import Synchronization

/// Which commits the disk has, and which of them reads may have seen that it has not yet.
///
/// One thread commits, and one synchronisation is under way at a time: whoever needs one and finds another waits for
/// it.
final class DurableCommits: Sendable {
    /// What somebody does next who needs commits to be durable.
    enum Step: Equatable {
        case done
        /// The disk may lack some of them.
        case fail
        /// Synchronises the disk and says so by ``settle(upTo:)`` or ``doubt()``: it then has the commits up to this
        /// one.
        case synchronise(upTo: Int)
    }

    private typealias Waiter = UnsafeContinuation<Void, Never>

    private struct State {
        /// Commits whose rows may be seen, those that are over, and those that the disk has; in that order.
        var begun = 0
        var ended = 0
        var durable = 0
        var isInDoubt = false
        var isSynchronising = false
        var waiters: [Waiter] = []

        /// - Returns: `nil` where there is something to wait for.
        mutating func step(for commit: Int) -> Step? {
            let commit = min(commit, begun)  // one of them may have failed since
            if durable >= commit { return .done }
            if isInDoubt { return .fail }
            guard !isSynchronising, ended >= commit else { return nil }
            isSynchronising = true
            return .synchronise(upTo: ended)
        }
    }

    private let state = Mutex(State())  // protects the counts, and who waits for them to change

    /// Whether the disk may lack what was committed before a synchronisation that failed. A later one does not mend
    /// that, as the system takes pages for written whose writing failed.
    var isInDoubt: Bool { state.withLock { $0.isInDoubt } }

    /// Commits whose rows may be seen.
    var begun: Int { state.withLock { $0.begun } }

    /// Says that the rows of a commit may be seen from now on.
    func begin() { state.withLock { $0.begun += 1 } }

    /// Says that the commit is over.
    func end(isStored: Bool) {
        change { if isStored { $0.ended += 1 } else { $0.begun -= 1 } }
    }

    /// Finds out what is to be done for the commits up to one, once there is no commit or synchronisation to wait for.
    func next(for commit: Int) async -> Step {
        while true {
            if let step = state.withLock({ $0.step(for: commit) }) { return step }
            await withUnsafeContinuation { (waiter: Waiter) in
                let waits = state.withLock { state in
                    // Another look: things may have changed since.
                    let waits = state.isSynchronising || state.ended < min(commit, state.begun)
                    if waits { state.waiters.append(waiter) }
                    return waits
                }
                if !waits { waiter.resume() }
            }
        }
    }

    /// Says that the disk has the commits up to one, unless it has come to be in doubt.
    func settle(upTo commit: Int) {
        change { state in
            state.isSynchronising = false
            if !state.isInDoubt { state.durable = max(state.durable, commit) }
        }
    }

    /// Says that the disk may lack commits.
    func doubt() {
        change { state in
            state.isSynchronising = false
            state.isInDoubt = true
        }
    }

    /// Says, between two commits, that the disk has all of them after all.
    func settleAll() {
        change { state in
            state.isInDoubt = false
            state.durable = state.ended
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
    }
}
