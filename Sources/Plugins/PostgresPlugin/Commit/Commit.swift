internal import OrderKernel

/// One batch on its way into the database: what to send next, and what its end is. A state machine, without a socket.
///
/// A batch is one transaction, and carries a random token under a unique index. When the connection is lost after the
/// commit went out, nobody knows whether it was carried out, or will be: the same batch is sent again with the same
/// token. The index makes the second wait for the first; where the first was committed, the second fails on the token,
/// and what the first gave is read instead. What is still not known at the deadline is said to be not known.
struct Commit {
    /// What is to be done next.
    enum Step {
        /// Send these statements as one group, and say what came of it.
        case send([Call])
        /// Send these statements on the connection of those before, within the same transaction.
        case goOn([Call])
        /// Wait that long, then go on with ``Commit/resume(at:)``.
        case pause(Duration)
        case done([WriteOutcome])
        case failed(StorageError)
    }

    private enum Phase {
        /// Creates without keys, sent whole.
        case creating
        /// Rows are locked and read.
        case reading
        /// Rows were read, but not all could be locked: which of the others are there?
        case searching([ResultRows])
        /// What the writes do is stored, or there was nothing to store.
        case storing([WriteOutcome])
        /// The token is known already: its batch was committed, and what it gave is read.
        case asking
        /// The token is taken by an empty batch, so that no earlier attempt can be committed any more.
        case voiding(PostgresFailure)
    }

    private var work: BatchWork
    private let deadline: Instant
    private let patience: Duration
    private var phase = Phase.reading
    /// Whether an earlier attempt may have been committed, or may still be.
    private(set) var mayBeStored = false
    private var attempts = 0
    /// What was said of attempts that the server gave up or would not begin, or that lost their connection.
    private(set) var troubles: [PostgresFailure] = []
    /// What is left of the batch's time when no more is begun.
    private var margin = BatchWork.shortest
    private var firstTrouble: Instant?
    /// Why an attempt failed, as far as somebody has said it.
    private var answer: PostgresFailure?

    /// So many writes are no server's trouble: where a statement of theirs takes too long, it waits for a lock.
    private static let fewWrites = 64

    /// - Parameter patience: How long a connection is waited for, where nothing was sent that might be stored.
    init(_ work: BatchWork, deadline: Instant, patience: Duration) {
        self.work = work
        self.deadline = deadline
        self.patience = patience
    }

    /// The first step.
    mutating func begin(at now: Instant) -> Step {
        if work.batch.writes.isEmpty { return .done([]) }
        if now >= deadline { return .failed(.late) }
        margin = min(margin, (deadline - now) / 2)
        return resume(at: now)
    }

    /// Begins anew, after a pause.
    mutating func resume(at now: Instant) -> Step {
        attempts += 1
        work.hurry(within: deadline - now)
        phase = work.isPlain ? .creating : .reading
        return .send(work.isPlain ? work.creation : work.reading)
    }

    /// - Parameter result: The rows of each statement that was to be sent.
    mutating func receive(_ result: Result<[ResultRows], PostgresFailure>, at now: Instant) -> Step {
        do throws(PostgresFailure) {
            return try advance(try result.get())
        } catch {
            return recover(from: error, at: now)
        }
    }

    /// What is said of the batch when nobody tries any more.
    var abandoned: StorageError {
        mayBeStored ? StorageError(.outcomeUnknown, code: "closed", detail: StorageError.closed.detail) : .closed
    }

    private mutating func advance(_ rows: [ResultRows]) throws(PostgresFailure) -> Step {
        switch phase {
        case .creating:
            return .done(try work.outcomes(ofCreation: rows))
        case .reading:
            let missing = work.missing(in: rows)
            if missing.isEmpty { return store(try work.effects(on: rows, found: nil)) }
            phase = .searching(rows)
            return .goOn(work.search(for: missing))
        case .searching(let read):
            return store(try work.effects(on: read, found: rows[0]))
        case .storing(let outcomes):
            return .done(outcomes)
        case .asking:
            return .done(try work.outcomes(ofToken: rows))
        case .voiding(let failure):
            return .failed(failure.storageError)
        }
    }

    private mutating func store(_ effects: WriteEffects) -> Step {
        phase = .storing(effects.outcomes)
        // Where an earlier attempt was committed, its effects are there, and the token tells what it gave.
        return .goOn(work.storage(of: effects, takesToken: mayBeStored))
    }

    private mutating func recover(from failure: PostgresFailure, at now: Instant) -> Step {
        if failure.isTakenToken {
            mayBeStored = true
            if now < deadline {
                phase = .asking
                return .send(work.question)
            }
        }
        if failure.leavesOpen, hasSentCommit { mayBeStored = true }
        firstTrouble = firstTrouble ?? now
        // An attempt that is cut off knows less than the one before it.
        let failure = failure == .unanswered ? answer ?? failure : failure
        if failure.isPassing, !failure.state.isEmpty || failure.kind == .unreachable { answer = failure }
        guard failure.isPassing || failure.isLostRace || failure.isWait else { return giveUp(failure, at: now) }
        if failure.isWait, mayBeTooMuch { return .failed(failure.storageError.with(.tooMuch)) }
        // An attempt that the deadline cuts short leaves open what became of it: nothing is begun so late, unless an
        // earlier one may have been committed.
        var last = end(after: failure)
        if failure.kind == .refused, !failure.isLostRace, failure.isWait || !mayBeStored {
            last = min(last, deadline - margin)
        }
        guard now < last else { return .failed(error(for: failure)) }
        if failure.isWait || failure.kind == .lost || failure.isServerTrouble { troubles.append(failure) }
        return .pause(min(pause, last - now))
    }

    /// A failure that stays: where an earlier attempt may still be committed, that is prevented first.
    private mutating func giveUp(_ failure: PostgresFailure, at now: Instant) -> Step {
        guard mayBeStored else { return .failed(failure.storageError) }
        if case .voiding = phase { return .failed(error(for: failure)) }
        guard now < deadline, failure.kind == .refused else { return .failed(error(for: failure)) }
        phase = .voiding(failure)
        return .send(work.void)
    }

    /// Whether a statement that had all the time there is may have taken too long for the number of writes. Requests
    /// have no time for several attempts: theirs waits for a lock, if need be until their deadline.
    private var mayBeTooMuch: Bool {
        !work.batch.inputs.isEmpty && work.batch.writes.count > Self.fewWrites && work.session.limit == nil
            && !mayBeStored
    }

    private var hasSentCommit: Bool {
        switch phase {
        case .creating, .storing, .voiding: true
        case .reading, .searching, .asking: false
        }
    }

    /// When to stop trying. What may be stored is asked for until the deadline; another server than one that only reads
    /// is waited for like a connection.
    private func end(after failure: PostgresFailure) -> Instant {
        let lacksServer = failure.kind != .refused || failure.code == "read_only"
        guard !mayBeStored, lacksServer, let firstTrouble else { return deadline }
        return min(deadline, firstTrouble + patience)
    }

    private func error(for failure: PostgresFailure) -> StorageError {
        guard mayBeStored else {
            let isRace = failure.kind == .refused && failure.state.hasPrefix("40") || failure.isLostRace
            return isRace ? .late : failure.storageError
        }
        return failure.storageError.with(.outcomeUnknown)
    }

    /// Grows from nothing to a quarter of a second, and differs from process to process.
    private var pause: Duration {
        attempts == 1 ? .zero : .milliseconds(Int.random(in: 5...min(250, 5 << min(attempts, 6))))
    }
}

extension PostgresFailure {
    /// Whether what was sent may have been carried out all the same, or was and cannot be told.
    fileprivate var leavesOpen: Bool {
        if isUnserved { return false }
        return (kind == .lost && !isStale) || kind == .unreadable || isLostConnection || state == "40003"
    }

    /// Whether PgBouncer says that it has no server for a transaction that has not begun.
    /// Source: PgBouncer 1.18, `janitor.c` and `objects.c`.
    private var isUnserved: Bool {
        state == "08P01" && ["server login has been failing", "query_wait_timeout"].contains { detail.contains($0) }
    }

    /// Whether the server refuses for a passing reason that is its own: no race between transactions, no lock.
    fileprivate var isServerTrouble: Bool {
        kind == .refused && isPassing && !["40001", "40P01", "55P03"].contains(state)
    }

    /// Whether another attempt of the same batch was committed.
    fileprivate var isTakenToken: Bool { state == "23505" && constraint == "order_batches_pkey" }

    /// Whether a statement took too long: most often it waited for a lock, which will be free again.
    fileprivate var isWait: Bool { state == "57014" }

    /// Whether another process used a key of the batch first: it shows when the batch is done anew.
    fileprivate var isLostRace: Bool { state == "23505" && constraint == "order_keys_pkey" }
}
