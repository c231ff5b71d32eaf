/// A write in the queue, and the request that waits for it.
struct WaitingWrite: Sendable {
    let ticket: Int
    let write: Write
    let deadline: Instant
    let turn: OrderedInput.Turn?
    /// For the span of its waiting; `nil` where there is none.
    let wait: CommitMeter.Wait?
    let continuation: UnsafeContinuation<WriteOutcome, any Error>

    /// Bytes that the write holds in memory, roughly.
    var size: Int {
        switch write {
        case .create(let draft, let key): 256 + (draft.customerID?.utf8.count ?? 0) + (key?.text.utf8.count ?? 0)
        case .update: 256
        }
    }

    /// Why the write may no longer be stored; `nil` when it may. An input stops with its first write that runs out of
    /// time, as nothing behind that one may be stored.
    func hopelessness(at now: Instant) -> (any Error)? {
        if deadline <= now {
            turn?.input.stop()
            return OrderError.deadlineExceeded
        }
        return turn?.input.isStopped == true ? CancellationError() : nil
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

/// What the commit queue knows. Its methods say what to do; the effect happens outside the lock.
struct CommitQueueState {
    /// Bounds of the queue. Patient writes are bounded by their transport's window instead.
    struct Limits {
        let writes: Int
        let bytes: Int
        /// Most writes of one batch.
        let batch: Int

        static let standard = Limits(writes: 8_192, bytes: 64 << 20, batch: 8_192)
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

    let limits: Limits
    private(set) var isClosed = false
    private var waiting: [WaitingWrite] = []
    private var bytes = 0
    /// Writes of the batch before.
    private var lastBatch = 0
    /// Most writes of the next batch: fewer while the write is looked for that storage failed on.
    private var most: Int
    private var sleepers = Sleepers()

    init(limits: Limits) {
        self.limits = limits
        self.most = limits.batch
    }

    var count: Int { waiting.count }

    mutating func enter(_ write: WaitingWrite) -> Admission {
        write.turn?.enterWrite()
        guard !isClosed else { return .refused(OrderError.overloaded) }
        let hasRoom = waiting.count < limits.writes && bytes + write.size <= limits.bytes
        guard hasRoom || write.turn != nil else { return .refused(OrderError.overloaded) }
        waiting.append(write)
        bytes += write.size
        return .entered(wake: takeParked())
    }

    mutating func close() -> Sleepers {
        isClosed = true
        return takeParked()
    }

    mutating func park(worker: UnsafeContinuation<Void, Never>) -> Parking {
        guard waiting.isEmpty, !isClosed else { return .workToDo }
        sleepers.worker = worker
        return .parked
    }

    mutating func park(sweeper: UnsafeContinuation<Void, Never>) -> Parking {
        guard waiting.isEmpty, !isClosed else { return .workToDo }
        sleepers.sweeper = sweeper
        return .parked
    }

    /// Takes the next batch. `isDone` when there is none and never will be.
    ///
    /// A batch has at most half of the writes that are under way: while it is made durable, the writers of the half
    /// before are answered and come back. Otherwise large batches, with all writers waiting, would alternate with
    /// batches of one.
    mutating func take(
        at now: Instant
    ) -> (batch: [WaitingWrite], dropped: [(write: WaitingWrite, error: any Error)], isDone: Bool) {
        var batch: [WaitingWrite] = []
        var dropped: [(write: WaitingWrite, error: any Error)] = []
        let most = min(most, (waiting.count + lastBatch + 1) / 2)
        batch.reserveCapacity(most)
        var taken = 0
        for write in waiting {
            if batch.count == most { break }
            taken += 1
            bytes -= write.size
            if let error = write.hopelessness(at: now) { dropped.append((write, error)) } else { batch.append(write) }
        }
        waiting.removeFirst(taken)
        lastBatch = batch.count
        return (batch, dropped, isClosed && batch.isEmpty && waiting.isEmpty)
    }

    /// After a commit: larger batches again, if they were made smaller.
    mutating func settle() {
        most = min(limits.batch, most * 2)
    }

    /// After a failed commit: keeps the patient writes where waiting may help, and all where one of them may have failed
    /// its neighbours. Returns whether there are patient ones, and the writes that fail now.
    mutating func putBack(_ batch: [WaitingWrite], after error: any Error) -> (patient: Bool, failed: [WaitingWrite]) {
        let kind = (error as? StorageError)?.kind
        if kind == .outcomeUnknown { batch.forEach { $0.turn?.input.stop() } }
        if kind == .failed, batch.count > 1 {
            most = batch.count / 2
            waiting.insert(contentsOf: batch, at: 0)
            bytes += batch.reduce(0) { $0 + $1.size }
            return (false, [])
        }
        settle()
        guard kind == .unavailable || kind == .deadlineExceeded else { return (false, batch) }
        let patient = batch.filter { $0.turn != nil }
        waiting.insert(contentsOf: patient, at: 0)
        bytes += patient.reduce(0) { $0 + $1.size }
        return (!patient.isEmpty, batch.filter { $0.turn == nil })
    }

    /// Takes a write out whose request was cancelled.
    mutating func remove(_ ticket: Int) -> WaitingWrite? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        bytes -= waiting[index].size
        return waiting.remove(at: index)
    }

    /// Takes out what waits in vain.
    mutating func removeHopeless(at now: Instant) -> [(write: WaitingWrite, error: any Error)] {
        let dropped = waiting.compactMap { write in write.hopelessness(at: now).map { (write: write, error: $0) } }
        guard !dropped.isEmpty else { return [] }
        let tickets = Set(dropped.map(\.write.ticket))
        waiting.removeAll { tickets.contains($0.ticket) }
        bytes -= dropped.reduce(0) { $0 + $1.write.size }
        return dropped
    }

    private mutating func takeParked() -> Sleepers {
        defer { sleepers = Sleepers() }
        return sleepers
    }
}
