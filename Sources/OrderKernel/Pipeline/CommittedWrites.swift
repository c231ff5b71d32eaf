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
        let measured: CommitMeter.Batch?

        /// The batch without the writes that were postponed, and those.
        var parts: (stored: Batch, postponed: [WaitingWrite]) {
            guard outcomes.contains(where: \.isPostponed) else { return (self, []) }
            let stored = zip(writes, outcomes).filter { !$0.1.isPostponed }
            let measured = measured.map {
                CommitMeter.Batch(start: $0.start, waits: stored.compactMap(\.0.wait), size: stored.count)
            }
            let batch = Batch(writes: stored.map(\.0), outcomes: stored.map(\.1), measured: measured)
            return (batch, zip(writes, outcomes).filter(\.1.isPostponed).map(\.0))
        }

        func succeed() {
            for (write, outcome) in zip(writes, outcomes) { write.succeed(outcome) }
        }

        /// The batch is in storage, but a loss of power may undo it: nothing behind it may be stored as if it were not.
        func fail(with error: StorageError) {
            let error = error.with(.outcomeUnknown)
            for write in writes {
                write.turn?.input.stop()
                write.fail(error)
            }
        }
    }

    private typealias Flusher = UnsafeContinuation<[Batch]?, Never>

    private struct State {
        var batches: [Batch] = []
        var isClosed = false
        var flusher: Flusher?

        /// What the flusher is to do next, if it waits and there is something: no batches mean the end.
        mutating func next() -> (flusher: Flusher, batches: [Batch]?)? {
            guard let flusher, !batches.isEmpty || isClosed else { return nil }
            self.flusher = nil
            defer { batches = [] }
            return (flusher, batches.isEmpty ? nil : batches)
        }
    }

    private let state = Mutex(State())  // protects the batches, and who waits for them
    private let meter: CommitMeter?

    init(meter: CommitMeter? = nil) {
        self.meter = meter
    }

    /// Takes over a batch that was committed.
    func add(_ batch: Batch) {
        change { $0.batches.append(batch) }
    }

    /// Lets ``run(_:begin:)`` end once everything is answered.
    func close() {
        change { $0.isClosed = true }
    }

    /// Answers batch after batch when it is durable, until ``close()``.
    /// - Parameters:
    ///   - storage: Makes them durable; `nil` where they are already.
    ///   - begin: Called when a flush begins, of all that was committed.
    ///   - end: Called when it has ended.
    func run(_ storage: (any StorageFlusher)?, begin: () -> Void = {}, end: () -> Void = {}) async {
        while let batches = await next() {
            begin()
            do throws(StorageError) {
                defer { end() }
                try await storage?.flush()
                for batch in batches {
                    meter?.end(batch.measured, nil)
                    batch.succeed()
                }
            } catch {
                for batch in batches {
                    meter?.end(batch.measured, error)
                    batch.fail(with: error)
                }
            }
        }
    }

    private func next() async -> [Batch]? {
        await withUnsafeContinuation { flusher in change { $0.flusher = flusher } }
    }

    private func change(_ body: (inout State) -> Void) {
        let next = state.withLock { state in
            body(&state)
            return state.next()
        }
        if let next { next.flusher.resume(returning: next.batches) }
    }
}

extension WriteOutcome {
    fileprivate var isPostponed: Bool { if case .postponed = self { true } else { false } }
}
