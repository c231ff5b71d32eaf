/// A write in the queue, and the request that waits for it.
///
/// One object, as it goes from the queue into a batch, and from there to those that are made durable.
final class WaitingWrite: Sendable {
    let ticket: Int
    let write: Write
    let deadline: Instant
    let turn: OrderedInput.Turn?
    /// For the span of its waiting; `nil` where there is none.
    let wait: CommitMeter.Wait?
    let continuation: UnsafeContinuation<WriteOutcome, any Error>
    /// Since when storage postpones it.
    let postponed: Instant?

    init(
        ticket: Int, write: Write, deadline: Instant, turn: OrderedInput.Turn?, wait: CommitMeter.Wait?,
        continuation: UnsafeContinuation<WriteOutcome, any Error>
    ) {
        self.ticket = ticket
        self.write = write
        self.deadline = deadline
        self.turn = turn
        self.wait = wait
        self.continuation = continuation
        self.postponed = nil
    }

    private init(_ waiting: WaitingWrite, postponed: Instant) {
        ticket = waiting.ticket
        write = waiting.write
        deadline = waiting.deadline
        turn = waiting.turn
        wait = waiting.wait
        continuation = waiting.continuation
        self.postponed = postponed
    }

    /// The same, postponed since then, unless it was before.
    func postponed(at now: Instant) -> WaitingWrite {
        postponed == nil ? WaitingWrite(self, postponed: now) : self
    }

    /// Its ordered input.
    var input: ObjectIdentifier? { turn.map { ObjectIdentifier($0.input) } }

    /// Bytes that the write holds in memory, roughly.
    var size: Int {
        switch write {
        case .create(let draft, let key): 256 + (draft.customerID?.utf8.count ?? 0) + (key?.text.utf8.count ?? 0)
        case .update: 256
        }
    }

    /// Why the write may no longer be stored; `nil` when it may. An input stops with its first write that runs out of
    /// patience, as nothing behind that one may be stored.
    /// - Parameter trouble: `nil` while storage takes what it is given.
    func hopelessness(at now: Instant, trouble: StorageTrouble?) -> (any Error)? {
        func lateness() -> any Error {
            postponed == nil ? trouble?.lateness ?? OrderError.deadlineExceeded : Self.lateWhilePostponed
        }
        guard let input = turn?.input else { return deadline <= now ? lateness() : nil }
        if let start = postponed ?? trouble?.since, start + input.patience <= now {
            input.stop()
            return lateness()
        }
        return input.isStopped ? CancellationError() : nil
    }

    static let lateWhilePostponed = OrderError.refused(
        Problem(
            .deadlineExceeded, "The deadline passed while somebody else was changing the order; nothing was done."))

    /// When storage need not try any more. Even an input without patience has its writes tried once.
    func end(at now: Instant, trouble: StorageTrouble?) -> Instant {
        guard let input = turn?.input else { return deadline }
        return max((trouble?.since ?? now) + input.patience, now + .seconds(1))
    }

    func succeed(_ outcome: WriteOutcome) {
        turn?.leaveWrite()
        continuation.resume(returning: outcome)
    }

    func fail(_ error: any Error) {
        turn?.leaveWrite()
        continuation.resume(throwing: error)
    }
}
