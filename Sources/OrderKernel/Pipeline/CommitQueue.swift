internal import Synchronization

/// Commits the writes of concurrent requests together.
///
/// While one batch is being committed, the writes that arrive gather into the next: no timer, and no added latency
/// when idle. One batch is committed at a time, while the one before is made durable and answered. A write can be
/// cancelled or run out of time only while it waits, and not while the batch is committed that it was taken into.
///
/// A batch that storage failed on is committed again in smaller ones, until the write is alone that it cannot store.
/// A write that storage postpones is tried again every 25 ms, and holds up nothing but what is behind it in its input.
///
/// Writes of an ``OrderedInput`` are patient: what cannot be stored for a passing reason goes back to the head of the
/// queue, in order, until storage has failed for as long as its input has patience. When nobody knows what became of
/// one of them, or patience ends, none behind it is stored.
final class CommitQueue: Sendable {
    private let state: Mutex<CommitQueueState>  // protects the waiting writes, and who waits for work
    private let committed: CommittedWrites
    private let nextTicket = Atomic(0)
    let rules: OrderRules
    let time: any TimeSource
    private let meter: CommitMeter?
    private let tellStall: @Sendable (_ isStalled: Bool) -> Void

    /// - Parameter tellStall: Is told that storage takes very long for a batch, and when it commits again.
    init(
        limits: CommitQueueState.Limits = .standard, rules: OrderRules, time: any TimeSource,
        meter: CommitMeter? = nil, tellStall: @escaping @Sendable (_ isStalled: Bool) -> Void = { _ in }
    ) {
        self.meter = meter
        self.tellStall = tellStall
        self.committed = CommittedWrites(meter: meter)
        self.state = Mutex(CommitQueueState(limits: limits))
        self.rules = rules
        self.time = time
    }

    /// Has one write made durable.
    ///
    /// A write with a turn is given up with its whole input, by ``OrderedInput/stop()``; others with their task.
    /// - Throws: ``OrderError/overloaded`` when the queue is full, ``OrderError/deadlineExceeded`` and
    ///   `CancellationError` while the write still waits, ``StorageError`` when its batch failed.
    func commit(_ write: Write, for context: RequestContext) async throws -> WriteOutcome {
        if context.turn == nil { return try await commitUnlessCancelled(write, context) }
        return try await enter(write, context, nextTicket.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func commitUnlessCancelled(_ write: Write, _ context: RequestContext) async throws -> WriteOutcome {
        let ticket = nextTicket.wrappingAdd(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await enter(write, context, ticket)
        } onCancel: {
            cancel(ticket)
        }
    }

    /// Commits batch after batch, until ``close()`` and the queue is empty.
    func run(storage: any StoragePlugin) async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.lookAfterWaitingWrites() }
            async let answering: Void = answerBatches(of: storage)
            await withTaskExecutorPreference(storage.commitExecutor) { await commitBatches(to: storage) }
            committed.close()
            await answering
            tasks.cancelAll()
        }
    }

    /// Takes nothing new; what waits is still committed.
    func close() {
        state.withLock { $0.close() }.wake()
    }

    /// Writes that wait for a batch.
    var waitingWrites: Int { state.withLock { $0.count } }

    @inline(never)  // keeps the frames of waiting requests small
    private func enter(_ write: Write, _ context: RequestContext, _ ticket: Int) async throws -> WriteOutcome {
        try await withUnsafeThrowingContinuation { enter(write, context, ticket, $0) }
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func enter(
        _ write: Write, _ context: RequestContext, _ ticket: Int,
        _ continuation: UnsafeContinuation<WriteOutcome, any Error>
    ) {
        let write = WaitingWrite(
            ticket: ticket, write: write, deadline: context.deadline, turn: context.turn,
            wait: meter?.wait(of: context), continuation: continuation)
        switch state.withLock({ $0.enter(write) }) {
        case .entered(let sleepers): sleepers.wake()
        case .refused(let error): write.fail(error)
        }
        if write.turn == nil, Task.isCancelled { cancel(write.ticket) }
    }

    private func cancel(_ ticket: Int) {
        let (write, sleepers) = state.withLock { $0.remove(ticket) }
        write?.fail(CancellationError())
        sleepers.wake()
    }

    private func answerBatches(of storage: any StoragePlugin) async {
        let flusher = storage.flusher
        await withTaskExecutorPreference(flusher?.flushExecutor) {
            await committed.run(flusher) {
                state.withLock { $0.beginFlush(at: time.now) }.wake()
            } end: {
                state.withLock { $0.endFlush() }
            }
        }
    }

    private func commitBatches(to storage: any StoragePlugin) async {
        var backoff = Backoff()
        while let (waiting, deadline) = await nextBatch() {
            let measured = meter?.begin(waiting.count, waiting.compactMap(\.wait))
            do throws(StorageError) {
                let outcomes = try await outcomes(of: waiting, before: deadline, from: storage)
                let batch = CommittedWrites.Batch(writes: waiting, outcomes: outcomes, measured: measured)
                let (stored, postponed) = batch.parts
                let (dropped, sleepers) = state.withLock {
                    $0.settle(postponed, awaitsFlush: storage.flusher != nil, at: time.now)
                }
                committed.add(stored)
                dropped.forEach { $0.write.fail($0.error) }
                sleepers.wake()
                backoff = Backoff()
            } catch {
                meter?.end(measured, error)
                if fail(waiting, with: error) { try? await time.sleep(for: backoff.next()) }
            }
        }
    }

    private func nextBatch() async -> (writes: [WaitingWrite], deadline: Instant)? {
        while true {
            let isCut = Task.isCancelled
            let take = state.withLock { $0.take(at: time.now, isCut: isCut) }
            take.dropped.forEach { $0.write.fail($0.error) }
            if !take.batch.isEmpty { return (take.batch, take.deadline) }
            if take.isLast { return nil }
            await withUnsafeContinuation { (worker: UnsafeContinuation<Void, Never>) in
                if state.withLock({ $0.park(worker: worker) }) == .workToDo { worker.resume() }
            }
        }
    }

    private func outcomes(
        of waiting: [WaitingWrite], before deadline: Instant, from storage: any StoragePlugin
    ) async throws(StorageError) -> [WriteOutcome] {
        let isOrdered = waiting.contains { $0.turn != nil }
        let batch = WriteBatch(
            writes: waiting.map(\.write), time: time.date, deadline: deadline, rules: rules,
            inputs: isOrdered ? waiting.map(\.input) : [])
        let outcomes = try await storage.commit(batch)
        guard outcomes.count == waiting.count else {
            let detail = "the storage gave \(outcomes.count) outcomes for \(waiting.count) writes"
            throw StorageError(.outcomeUnknown, code: StorageError.miscounted, detail: detail)
        }
        return outcomes
    }

    /// - Returns: Whether patient writes went back into the queue.
    private func fail(_ waiting: [WaitingWrite], with error: StorageError) -> Bool {
        let (patient, dropped) = state.withLock { $0.putBack(waiting, after: error, at: time.now) }
        dropped.forEach { $0.write.fail($0.error) }
        return patient
    }

    private func lookAfterWaitingWrites() async {
        while !Task.isCancelled {
            await withUnsafeContinuation { (sweeper: UnsafeContinuation<Void, Never>) in
                if state.withLock({ $0.park(sweeper: sweeper) }) == .workToDo { sweeper.resume() }
            }
            try? await time.sleep(for: .milliseconds(25))
            let (dropped, sleepers) = state.withLock { $0.look(at: time.now) }
            dropped.forEach { $0.write.fail($0.error) }
            sleepers.wake()
            if let isStalled = state.withLock({ $0.lookAtStall(at: time.now) }) { tellStall(isStalled) }
        }
    }
}

extension StorageError {
    /// Code of a storage that breaks its own rules, which it says nothing of itself.
    static let miscounted = "outcomes"

    /// Too many writes wait for orders that somebody else is changing.
    static let held = StorageError(
        .unavailable, code: "locked", detail: "orders are being changed elsewhere")
}

/// Waits that double from 50 ms to half a second.
private struct Backoff {
    private var milliseconds = 25

    mutating func next() -> Duration {
        milliseconds = min(milliseconds * 2, 500)
        return .milliseconds(milliseconds)
    }
}
