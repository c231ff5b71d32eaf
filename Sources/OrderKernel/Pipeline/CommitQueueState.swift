/// What the commit queue knows. Its methods say what to do; the effect happens outside the lock, but that turns of
/// ordered inputs pass, and inputs stop, within it: nobody else sees a turn that has passed without its write, and both
/// only make tasks ready.
struct CommitQueueState {
    /// Bounds of the queue. Patient writes do not count, as their transport's window bounds them.
    struct Limits {
        let writes: Int
        let bytes: Int
        /// Most writes of one batch.
        let batch: Int
        /// Most writes that wait for orders which somebody else is changing: fewer than requests may be under way, so
        /// that others still are.
        let postponed: Int

        static let standard = Limits(writes: 8_192, bytes: 64 << 20, batch: 8_192, postponed: 128)
    }

    enum Admission {
        case entered(wake: Sleepers)
        case refused(any Error)
    }

    /// Who waits for the first write.
    struct Sleepers {
        var worker: UnsafeContinuation<Void, Never>?
        var sweeper: UnsafeContinuation<Void, Never>?

        func wake() {
            worker?.resume()
            sweeper?.resume()
        }
    }

    enum Parking { case parked, workToDo }

    /// A write that is not stored any more, and why.
    typealias Dropped = (write: WaitingWrite, error: any Error)

    /// The next batch, and what is not stored any more.
    struct Take {
        var batch: [WaitingWrite] = []
        /// When storage need not try any more.
        var deadline: Instant
        var dropped: [Dropped] = []
        /// Whether there is no batch and never will be.
        var isLast = false
    }

    let limits: Limits
    private(set) var isClosed = false
    private var waiting: [WaitingWrite] = []
    /// Writes that storage has postponed, and those behind them in their inputs: they wait until the next look.
    private var aside: [WaitingWrite] = []
    private var load = Load()
    private var trouble: StorageTrouble?
    /// Whether a batch is being committed.
    private var isCommitting = false
    private var stall = StorageStall()
    /// Writes whose requests were cancelled while a batch was being committed; some may be in it.
    private var cancelled: Set<Int> = []
    /// When the batch was taken that is being committed.
    private var lastTake: Instant?
    /// Writes of the batch before.
    private var lastBatch = 0
    /// Whether the batch before waits for a flush to begin.
    private var awaitsFlush = false
    private var limit: BatchLimit
    private var sleepers = Sleepers()

    init(limits: Limits) {
        self.limits = limits
        limit = BatchLimit(most: limits.batch)
    }

    var count: Int { waiting.count + aside.count }

    mutating func enter(_ write: WaitingWrite) -> Admission {
        write.turn?.enterWrite()
        guard !isClosed else { return .refused(OrderError.overloaded) }
        let hasRoom = load.writes < limits.writes && load.bytes + write.size <= limits.bytes
        guard hasRoom || write.turn != nil else { return .refused(OrderError.overloaded) }
        // What was wrong when somebody last wrote may have passed long ago.
        if count == 0, !isCommitting { trouble = nil }
        load.add(write)
        if let input = write.input, aside.contains(where: { $0.input == input }) {
            aside.append(write)
        } else {
            waiting.append(write)
        }
        return .entered(wake: wakeForWork())
    }

    mutating func close() -> Sleepers {
        isClosed = true
        return wakeAll()
    }

    mutating func park(worker: UnsafeContinuation<Void, Never>) -> Parking {
        guard !hasWork else { return .workToDo }
        sleepers.worker = worker
        return .parked
    }

    mutating func park(sweeper: UnsafeContinuation<Void, Never>) -> Parking {
        guard count == 0, !isClosed, !isCommitting, !stall.isUnderWay else { return .workToDo }
        sleepers.sweeper = sweeper
        return .parked
    }

    /// Takes the next batch.
    ///
    /// A batch has at most half of the writes that are under way: while it is made durable, the writers of the half
    /// before are answered and come back. Otherwise large batches, with all writers waiting, would alternate with
    /// batches of one.
    ///
    /// While the batch before waits for a flush to begin, as another is under way, the next is taken only when it has
    /// as many writes: it would hardly be durable earlier, and each batch and each flush has its price.
    ///
    /// For how long storage tries says ``BatchEnd``.
    /// - Parameter isCut: Whether what would have to be tried again is given up.
    mutating func take(at now: Instant, isCut: Bool = false) -> Take {
        var take = Take(deadline: now)
        if isCut { take.dropped = giveUp().map { ($0, CancellationError()) } }
        guard hasBatch else {
            take.isLast = isClosed && count == 0
            return take
        }
        let most = min(limit.writes, (waiting.count + lastBatch + 1) / 2)
        var end = BatchEnd(at: now, trouble: trouble)
        take.batch.reserveCapacity(most)
        var taken = 0
        for write in waiting {
            if take.batch.count == most { break }
            if let error = write.hopelessness(at: now, trouble: trouble) {
                take.dropped.append((write, error))
            } else if end.include(write) {
                take.batch.append(write)
            } else {
                break
            }
            taken += 1
            load.remove(write)
        }
        take.deadline = end.deadline ?? now
        waiting.removeFirst(taken)
        lastBatch = take.batch.count
        lastTake = now
        isCommitting = !take.batch.isEmpty
        take.isLast = isClosed && take.batch.isEmpty && count == 0
        return take
    }

    /// Takes out what was postponed, and what waits for trouble to pass; their inputs go no further.
    private mutating func giveUp() -> [WaitingWrite] {
        let isPatient = { [trouble] (write: WaitingWrite) in trouble != nil && write.turn != nil }
        let givenUp = aside + waiting.filter(isPatient)
        aside = []
        waiting.removeAll(where: isPatient)
        for write in givenUp {
            load.remove(write)
            write.turn?.input.stop()
        }
        return givenUp
    }

    /// After a commit: larger batches again, if they were made smaller.
    /// - Parameters:
    ///   - postponed: Writes of the batch that were not stored.
    ///   - awaitsFlush: Whether there is a flush to come, and ``beginFlush()``.
    /// - Returns: Those of them that were cancelled, or for which there is no room, and who is to be woken.
    mutating func settle(
        _ postponed: [WaitingWrite] = [], awaitsFlush: Bool, at now: Instant
    ) -> (dropped: [Dropped], wake: Sleepers) {
        self.awaitsFlush = awaitsFlush
        let (dropped, wanted) = endCommit(notStoring: postponed)
        trouble = nil
        stall.noteCommit()
        limit.enlarge()
        if postponed.isEmpty { return ([], Sleepers()) }
        return (dropped + setAside(wanted, at: now).map { ($0, StorageError.held) }, wakeForWork())
    }

    /// - Returns: Of writes that were not stored, those whose requests were cancelled meanwhile, and the others.
    private mutating func endCommit(notStoring writes: [WaitingWrite]) -> (dropped: [Dropped], wanted: [WaitingWrite]) {
        defer { (isCommitting, cancelled) = (false, []) }
        if cancelled.isEmpty { return ([], writes) }
        let dropped = writes.filter { cancelled.contains($0.ticket) }
        return (dropped.map { ($0, CancellationError()) }, writes.filter { !cancelled.contains($0.ticket) })
    }

    private mutating func setAside(_ writes: [WaitingWrite], at now: Instant) -> [WaitingWrite] {
        var room = limits.postponed - [waiting, aside, writes].joined().count { $0.turn == nil && $0.postponed != nil }
        var refused: [WaitingWrite] = []
        for write in writes {
            if write.turn == nil, write.postponed == nil {
                room -= 1
                if room < 0 {
                    refused.append(write)
                    continue
                }
            }
            load.add(write)
            aside.append(write.postponed(at: now))
        }
        let inputs = Set(writes.compactMap(\.input))
        guard !inputs.isEmpty else { return refused }
        let isBehind = { (write: WaitingWrite) in write.input.map(inputs.contains) ?? false }
        aside += waiting.filter(isBehind)
        waiting.removeAll(where: isBehind)
        return refused
    }

    /// All that was committed is being made durable.
    mutating func beginFlush(at now: Instant) -> Sleepers {
        awaitsFlush = false
        stall.flushStart = now
        return hasWork ? wakeAll() : Sleepers()
    }

    mutating func endFlush() { stall.flushStart = nil }

    private mutating func noteTrouble(_ error: StorageError, at now: Instant) {
        trouble = StorageTrouble(since: trouble?.since ?? lastTake ?? now, error: error)
    }

    /// After a failed commit: keeps the patient writes where waiting may help, and all where one of them may have
    /// failed its neighbours. Returns whether there are patient ones, and the writes that fail now.
    mutating func putBack(
        _ batch: [WaitingWrite], after error: StorageError, at now: Instant
    ) -> (patient: Bool, dropped: [Dropped]) {
        let kind = error.kind
        let (dropped, wanted) = endCommit(notStoring: kind == .outcomeUnknown ? [] : batch)
        if kind == .outcomeUnknown { batch.forEach { $0.turn?.input.stop() } }
        if kind == .failed || kind == .tooMuch, batch.count > 1 {
            limit.halve(batch.count, isTooMuch: kind == .tooMuch)
            if kind == .tooMuch { noteTrouble(error, at: now) }
            waiting.insert(contentsOf: wanted, at: 0)
            wanted.forEach { load.add($0) }
            return (false, dropped)
        }
        limit.enlarge()
        let isPassing = kind == .unavailable || kind == .deadlineExceeded || kind == .tooMuch
        if isPassing || kind == .outcomeUnknown { noteTrouble(error, at: now) }
        let patient = isPassing ? batch.filter { $0.turn != nil } : []
        waiting.insert(contentsOf: patient, at: 0)
        return (!patient.isEmpty, batch.filter { !isPassing || $0.turn == nil }.map { ($0, error) })
    }

    /// Takes a write out whose request was cancelled; one that is in a batch is taken out where that does not store it.
    mutating func remove(_ ticket: Int) -> (write: WaitingWrite?, wake: Sleepers) {
        returnAside()
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else {
            if isCommitting { cancelled.insert(ticket) }
            return (nil, Sleepers())
        }
        load.remove(waiting[index])
        return (waiting.remove(at: index), isClosed ? wakeForWork() : Sleepers())
    }

    /// Takes out what waits in vain, and has tried again what was postponed.
    mutating func look(at now: Instant) -> (dropped: [Dropped], wake: Sleepers) {
        returnAside()
        let stall = isCommitting ? lastTake.flatMap { StorageTrouble(stalledSince: $0, at: now) } : nil
        let dropped: [Dropped] = waiting.compactMap { write in
            write.hopelessness(at: now, trouble: trouble ?? (write.turn == nil ? stall : nil)).map { (write, $0) }
        }
        if !dropped.isEmpty {
            let tickets = Set(dropped.map(\.write.ticket))
            waiting.removeAll { tickets.contains($0.ticket) }
            dropped.forEach { load.remove($0.write) }
        }
        return (dropped, wakeForWork())
    }

    /// - Returns: Whether storage takes very long for a batch, where that is to be told.
    mutating func lookAtStall(at now: Instant) -> Bool? { stall.look(since: isCommitting ? lastTake : nil, at: now) }

    private mutating func returnAside() {
        waiting.insert(contentsOf: aside, at: 0)
        aside = []
    }

    private var hasBatch: Bool { !waiting.isEmpty && (!awaitsFlush || waiting.count >= lastBatch) }

    /// Whether the worker has something to do: a batch to take, or to end.
    private var hasWork: Bool { hasBatch || isClosed && count == 0 }

    private mutating func wakeForWork() -> Sleepers {
        if hasWork { return wakeAll() }
        defer { sleepers.sweeper = nil }
        return Sleepers(sweeper: sleepers.sweeper)
    }

    private mutating func wakeAll() -> Sleepers {
        defer { sleepers = Sleepers() }
        return sleepers
    }
}
