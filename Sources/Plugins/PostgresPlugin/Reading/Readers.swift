internal import BlockingThreads
internal import OrderKernel
internal import Synchronization

/// The connections that read, each on a thread of its own, and what waits for them.
final class Readers: Sendable {
    private let queue: Mutex<ReadQueue>  // protects the reads and the readers that wait
    private let wakeUps: [WakeUp]
    private let threads = Mutex<[BlockingThread]>([])  // protects what `open` starts
    private let server: Server
    private let limits: PoolLimits
    private let gauge: PoolGauge
    private let statements: ReadStatements
    private let primary: Primary?
    /// Reads lists while none of these connections can be made, and those whose connection was lost.
    private let substitute: Readers?
    private let isAway = Atomic(false)
    private let telling = Mutex(())  // protects that changes of `isAway` are told in the order in which they come
    /// Of these connections, those that are there.
    private let connected = Atomic(0)
    /// Between two attempts while others read, and what is wrong will hardly mend itself.
    private static let longPause = Duration.seconds(5)

    /// - Parameters:
    ///   - count: Connections at most.
    ///   - gauge: Counts them.
    init(
        _ count: Int, _ server: Server, limits: PoolLimits, gauge: PoolGauge, statements: ReadStatements,
        following primary: Primary? = nil, substitute: Readers? = nil
    ) throws(PluginError) {
        self.server = server
        self.gauge = gauge
        self.primary = primary
        self.substitute = substitute
        self.limits = limits
        self.statements = statements
        queue = Mutex(ReadQueue(readers: count))
        var wakeUps: [WakeUp] = []
        do throws(PluginError) {
            for _ in 0..<count { wakeUps.append(try WakeUp()) }
        } catch {
            wakeUps.forEach { $0.close() }
            throw error
        }
        self.wakeUps = wakeUps
    }

    /// Starts the threads. They connect when there is something to read.
    /// - Parameter report: Is told why lists go to the substitute, or nothing is read where there is none, and with
    ///   `nil` that this is over.
    func open(report: @escaping @Sendable (PostgresFailure?) -> Void) throws(PluginError) {
        primary?.wakeReaders { [weak self] in self?.wakeAll() }
        for number in wakeUps.indices {
            let thread = try BlockingThread { [self] in
                let link = Link(
                    server, limits: limits, gauge: gauge, isUnwanted: { self.isClosed }, primary: primary,
                    prepare: { connection throws(PostgresFailure) in
                        // A copy may be behind, and lack the tables.
                        guard self.substitute != nil else { return }
                        _ = try connection.run([self.statements.trial], until: .now + self.server.statementTimeout)
                    })
                run(ReaderWork(link: link, statements: statements, server: server), number, report)
            }
            threads.withLock { $0.append(thread) }
        }
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        let wait = try wait(deadline)
        let result = await withUnsafeContinuation { (asker: UnsafeContinuation<Result<Order?, StorageError>, Never>) in
            let read = PointRead(id: id, wait: wait, answer: ReadAnswer(asker))
            let isTaken = queue.withLock { waking($0.enter(read)) }
            if !isTaken { read.answer(.failure(.overloaded)) }
        }
        return try result.get()
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        if let substitute, isAway.load(ordering: .relaxed) {
            return try await substitute.orders(query, before: deadline)
        }
        let wait = try wait(deadline)
        let result = await withUnsafeContinuation { (asker: UnsafeContinuation<Result<[Order], StorageError>, Never>) in
            enter(ListRead(query: query, wait: wait, answer: ReadAnswer(asker)))
        }
        return try result.get()
    }

    /// Reads that wait for a connection.
    var waiting: Int { queue.withLock { $0.count } }

    /// Reads what was asked for, and ends.
    func close() async {
        queue.withLock { $0.close() }
        wakeUps.forEach { $0.wake() }
        for thread in threads.withLock({ $0 }) { await thread.join() }
        wakeUps.forEach { $0.close() }
    }

    private func enter(_ read: ListRead) {
        let isTaken = queue.withLock { waking($0.enter(read)) }
        if !isTaken { read.answer(.failure(.overloaded)) }
    }

    /// Wakes a reader for what has entered the queue, within its lock: later the reader may have read it and ended, and
    /// its descriptors be somebody else's.
    private func waking(_ entry: (isTaken: Bool, wake: Int?)) -> Bool {
        if let reader = entry.wake { wakeUps[reader].wake() }
        return entry.isTaken
    }

    /// Has each reader look whether it is to make room.
    private func wakeAll() {
        queue.withLock { if !$0.isClosed { wakeUps.forEach { $0.wake() } } }
    }

    private func wait(_ deadline: Instant) throws(StorageError) -> ReadWait {
        let now = Instant.now
        guard now < deadline else { throw .late }
        // Shorter than the deadline, so that who asked is told why there is no connection.
        return ReadWait(
            from: now, before: deadline, patience: min(limits.acquireTimeout, (deadline - now) * 0.8))
    }

    private var isClosed: Bool { queue.withLock { $0.isClosed } }

    private func run(_ work: ReaderWork, _ number: Int, _ report: (PostgresFailure?) -> Void) {
        var state = ReaderState()
        while true {
            work.link.makeRoom()
            count(work.link, &state)
            let (hasWork, isOver) = queue.withLock {
                ($0.awaitsReader(number, isConnecting: work.link.isConnecting), $0.isClosed && $0.isEmpty)
            }
            if isOver { break }
            guard hasWork || state.looksOut else {
                wakeUps[number].wait(besides: work.link.socket, until: work.link.endOfIdleness)
                _ = work.link.look()
                continue
            }
            do throws(PostgresFailure) {
                let isThere = try work.link.connect(before: .now + .milliseconds(50)) {
                    refuse(because: state.trouble.storageError)
                }
                guard isThere else {
                    refuse(because: state.trouble.storageError)
                    continue
                }
                count(work.link, &state)
                if state.looksOut || substitute == nil { set(isAway: false, nil, report) }
                (state.looksOut, state.failures, state.trouble) = (false, 0, .unanswered)
                refuseOverdue(&state)
                read(with: work)
            } catch {
                state.failures += 1
                state.trouble = error
                state.looksOut =
                    substitute == nil
                    ? isHelpless(after: state.failures, because: error, report)
                    : handOver(from: work.link, because: error, report)
                refuse(because: error.storageError)
                if let other = queue.withLock({ $0.pass(from: number) }) { wakeUps[other].wake() }
                let isLong = state.looksOut && error.isHopeless
                let pause =
                    isLong ? Self.longPause : error.isCrowd ? .milliseconds(200) : work.link.reconnection.pause
                wakeUps[number].wait(until: .now + max(pause, .milliseconds(1)))
            }
        }
        work.link.close()
    }

    /// Quick reads, one after another, would let those behind them wait for longer than they may.
    private func refuseOverdue(_ state: inout ReaderState) {
        guard .now >= state.nextRefusal, !isClosed else { return }
        refuse(because: .overloaded)
        state.nextRefusal = .now + .milliseconds(100)
    }

    private func read(with work: ReaderWork) {
        guard let turn = queue.withLock({ $0.take() }) else { return }
        for wait in turn.waits { gauge.noteWait(since: wait.began) }
        // Where others can read what this one cannot, they need time for it.
        let now = Instant.now
        let end = substitute == nil ? turn.lastDeadline : now + (turn.firstDeadline - now) / 2
        let unread = work.read(turn, before: end) { if !isClosed { refuse(because: .overloaded) } }
        if let substitute, case .lists(let reads)? = unread { return reads.forEach(substitute.enter) }
        queue.withLock { queue in
            if case .points = turn { queue.leave() }
            if let unread { queue.putBack(unread) }
        }
    }

    /// Has others read the lists that wait, where no server of these connections can be reached.
    /// - Returns: Whether that is so.
    private func handOver(
        from link: Link, because failure: PostgresFailure, _ report: (PostgresFailure?) -> Void
    ) -> Bool {
        guard let substitute, link.reconnection.hasTriedAll else { return false }
        let isAway = !gauge.isConnected
        set(isAway: isAway, failure, report)
        guard isAway else { return false }
        for read in queue.withLock({ $0.removeLists() }) { substitute.enter(read) }
        return true
    }

    /// Sees whether nothing can be read although the connection that writes is there.
    /// - Parameter failures: Of this reader, since it was connected.
    /// - Returns: Whether that is so, or was, and no reader has a connection yet.
    private func isHelpless(
        after failures: Int, because failure: PostgresFailure, _ report: (PostgresFailure?) -> Void
    ) -> Bool {
        guard connected.load(ordering: .relaxed) == 0 else {
            set(isAway: false, nil, report)
            return false
        }
        // Another may be connecting just now.
        if failures >= 3, gauge.isConnected { set(isAway: true, failure, report) }
        return isAway.load(ordering: .relaxed)
    }

    /// Notes whether nobody can be reached, and tells of a change.
    private func set(isAway: Bool, _ failure: PostgresFailure?, _ report: (PostgresFailure?) -> Void) {
        guard self.isAway.load(ordering: .relaxed) != isAway else { return }
        telling.withLock { _ in
            guard self.isAway.exchange(isAway, ordering: .relaxed) != isAway else { return }
            report(isAway ? failure : nil)
        }
    }

    /// Counts a reader's connection from when it is made, whatever it reads first, until it is lost.
    private func count(_ link: Link, _ state: inout ReaderState) {
        guard state.isCounted != link.isConnected else { return }
        state.isCounted.toggle()
        connected.add(state.isCounted ? 1 : -1, ordering: .relaxed)
    }

    /// Answers what has waited for a connection for too long.
    private func refuse(because failure: StorageError) {
        let now = Instant.now
        let (points, lists) = queue.withLock { $0.removeHopeless(at: now) }
        gauge.timeouts.add(points.count + lists.count)
        func error(_ wait: ReadWait) -> StorageError { now < wait.deadline ? failure : .late }
        for read in points { read.answer(.failure(error(read.wait))) }
        for read in lists { read.answer(.failure(error(read.wait))) }
    }
}

/// What one reader knows of itself.
private struct ReaderState {
    /// Whether it tries on although nothing waits, as it found that nobody can be reached.
    var looksOut = false
    /// Attempts to connect that have failed since it was connected.
    var failures = 0
    /// Why the last of them did: the one that is under way has yet to say something.
    var trouble = PostgresFailure.unanswered
    /// Whether it is among those that are connected.
    var isCounted = false
    /// When reads that have waited for too long are looked for again.
    var nextRefusal = Instant.now
}

extension StorageError {
    fileprivate static let overloaded = StorageError(
        .unavailable, code: "overloaded", detail: "too many reads are waiting")
}
