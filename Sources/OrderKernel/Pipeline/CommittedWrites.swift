internal import Synchronization

/// Writes that storage has committed, until they are durable and answered.
///
/// While the storage makes the one batch durable, it commits the next: neither the disk nor the processor waits for the
/// other. Batches that were committed during a flush share the next one.
final class CommittedWrites: Sendable {
    /// A batch, and what became of each of its writes.
    struct Batch {
        let writes: [WaitingWrite]
        let outcomes: [WriteOutcome]

        func succeed() {
            for (write, outcome) in zip(writes, outcomes) { write.succeed(outcome) }
        }

        /// The batch is in storage, but a loss of power may undo it: nothing behind it may be stored as if it were not.
        func fail(with error: StorageError) {
            let error = StorageError(.outcomeUnknown, code: error.code, detail: error.detail)
            for write in writes {
                write.turn?.input.stop()
                write.fail(error)
            }
        }
    }

    private struct State {
        /// Commits that were begun, that are over, and that are durable too; in that order.
        var begun = 0
        var ended = 0
        var durable = 0
        var batches: [Batch] = []
        var isClosed = false
        var flusher: UnsafeContinuation<Void, Never>?
        var readers: [(commit: Int, continuation: UnsafeContinuation<Void, Never>)] = []

        var hasWork: Bool { !batches.isEmpty || durable < ended || isClosed }

        mutating func wakeFlusher() -> UnsafeContinuation<Void, Never>? {
            defer { flusher = nil }
            return flusher
        }

        mutating func settle(_ commit: Int) -> [UnsafeContinuation<Void, Never>] {
            durable = commit
            defer { readers.removeAll { $0.commit <= commit } }
            return readers.filter { $0.commit <= commit }.map(\.continuation)
        }
    }

    private let state = Mutex(State())  // protects the batches, and who waits for them or for work

    /// Says that a commit begins: from now on its writes can be read.
    func begin() {
        state.withLock { $0.begun += 1 }
    }

    /// Says that the commit is over; without a batch, it failed.
    func end(_ batch: Batch?) {
        state.withLock { state in
            state.ended += 1
            if let batch { state.batches.append(batch) }
            return state.wakeFlusher()
        }?.resume()
    }

    /// Lets ``run(flushing:)`` end once everything is answered.
    func close() {
        state.withLock { state in
            state.isClosed = true
            return state.wakeFlusher()
        }?.resume()
    }

    /// Answers batch after batch when it is durable, until ``close()``.
    /// - Parameter flusher: Makes them durable; `nil` where they are already.
    func run(_ flusher: (any StorageFlusher)?) async {
        while let (batches, commit) = await next() {
            do throws(StorageError) {
                if let flusher, !batches.isEmpty { try await flusher.flush() }
                batches.forEach { $0.succeed() }
            } catch {
                for batch in batches { batch.fail(with: error) }
            }
            state.withLock { $0.settle(commit) }.forEach { $0.resume() }
        }
    }

    /// Waits until everything that can be read now is durable, so that nobody is shown what a loss of power undoes.
    func waitUntilDurable() async {
        if state.withLock({ $0.durable == $0.begun }) { return }
        await withUnsafeContinuation { (reader: UnsafeContinuation<Void, Never>) in
            let isDurable = state.withLock { state in
                if state.durable == state.begun { return true }
                state.readers.append((state.begun, reader))
                return false
            }
            if isDurable { reader.resume() }
        }
    }

    private func next() async -> (batches: [Batch], commit: Int)? {
        await withUnsafeContinuation { (flusher: UnsafeContinuation<Void, Never>) in
            let hasWork = state.withLock { state in
                if !state.hasWork { state.flusher = flusher }
                return state.hasWork
            }
            if hasWork { flusher.resume() }
        }
        return state.withLock { state in
            if state.durable == state.ended, state.batches.isEmpty { return nil }
            defer { state.batches = [] }
            return (state.batches, state.ended)
        }
    }
}
