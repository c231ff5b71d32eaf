/// A write in the queue, and the request that waits for it.
struct WaitingWrite: Sendable {
    let ticket: Int
    let write: Write
    let deadline: Instant
    let turn: OrderedInput.Turn?
    /// For the span of its waiting; `nil` where there is none.
    let wait: CommitMeter.Wait?
    let continuation: UnsafeContinuation<WriteOutcome, any Error>
    /// Since when storage postpones it.
    var postponed: Instant?

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
