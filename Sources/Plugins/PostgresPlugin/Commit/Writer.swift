internal import BlockingThreads
internal import OrderKernel
internal import Synchronization

/// The connection that writes, on a thread of its own, which also knows whether the server can be written to.
final class Writer: Sendable {
    private struct Job: Sendable {
        let batch: WriteBatch
        let began = Instant.now
        let answer: UnsafeContinuation<Result<[WriteOutcome], StorageError>, Never>
    }

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
        /// Why nothing can be committed yet: the server has not been reached since the start, or tables are being made.
        var obstacle: StorageError? = .starting
        /// What went wrong last; `nil` while all is well.
        var trouble: StorageError?
        /// When what is under way is given up; `nil` while nobody wants that.
        var end: Instant?
    }

    private let state = Mutex(State())  // protects the batches that wait, and whether more may come
    /// Where the connection is.
    let primary = Primary()
    private let wakeUp: WakeUp
    private let thread = Mutex<BlockingThread?>(nil)  // protects what `open` starts

    init() throws(PluginError) {
        wakeUp = try WakeUp()
    }

    /// Starts the thread.
    /// - Parameters:
    ///   - gauge: Counts the connection.
    ///   - report: Is told each time that a connection was made, or could not be, and of batches that failed.
    func open(
        _ server: Server, limits: PoolLimits, gauge: PoolGauge, statements: WriteStatements,
        prepare: @escaping @Sendable (Connection) throws(PostgresFailure) -> Void,
        report: @escaping @Sendable (WriterReport) -> Void
    ) throws(PluginError) {
        let new = try BlockingThread { [self] in
            let link = Link(
                server, limits: limits, gauge: gauge, isUnwanted: { self.isClosed || self.isOver },
                primary: primary, leads: true, prepare: prepare)
            let work = WriterWork(
                link: link, statements: statements, patience: limits.acquireTimeout, session: server.session,
                isOver: { self.isOver }, lookAround: { self.refuseLate() })
            run(work, gauge) { news in
                if self.isClosed { return }
                self.note(news)
                report(news)
            }
        }
        thread.withLock { $0 = new }
    }

    private func note(_ report: WriterReport) {
        state.withLock { state in
            switch report {
            case .available: (state.obstacle, state.trouble) = (nil, nil)
            case .unreachable(let failure, _): state.trouble = failure.storageError
            case .unswept: break
            case .failed(let error): state.trouble = error.with(.unavailable)
            }
            if state.obstacle != nil { state.obstacle = state.trouble }
        }
    }

    /// Commits a batch. When the task is cancelled, what is under way is given up a second later, and so is all that
    /// comes after it: nobody waits for it any more.
    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        let result = await withTaskCancellationHandler {
            await answer(to: batch)
        } onCancel: {
            state.withLock { state in
                if state.end == nil { state.end = Instant.now + .seconds(1) }
            }
        }
        return try result.get()
    }

    private func answer(to batch: WriteBatch) async -> Result<[WriteOutcome], StorageError> {
        typealias Answer = UnsafeContinuation<Result<[WriteOutcome], StorageError>, Never>
        return await withUnsafeContinuation { (answer: Answer) in
            let refusal = state.withLock { state in
                let refusal = state.isClosed ? .closed : state.obstacle
                if refusal == nil {
                    state.jobs.append(Job(batch: batch, answer: answer))
                    // Later the thread may have ended, and the descriptor be somebody else's.
                    wakeUp.wake()
                }
                return refusal
            }
            if let refusal { answer.resume(returning: .failure(refusal)) }
        }
    }

    /// Why nothing can be committed yet; `nil` once the server was there, with its tables.
    var obstacle: StorageError? { state.withLock { $0.obstacle } }

    /// Batches that wait.
    var waiting: Int { state.withLock { $0.jobs.count } }

    /// Commits what it has taken on, and ends.
    func close() async {
        state.withLock { $0.isClosed = true }
        wakeUp.wake()
        await thread.withLock { $0 }?.join()
        wakeUp.close()
    }

    /// Whether nobody needs the connection any more.
    var isClosed: Bool { state.withLock { $0.isClosed && $0.jobs.isEmpty } }

    /// Whether what is under way is given up.
    var isOver: Bool { state.withLock { $0.end.map { .now >= $0 } ?? false } }

    /// Answers batches whose time is over while the connection is busy with something else.
    private func refuseLate() {
        let now = Instant.now
        let (late, trouble) = state.withLock { state in
            defer { state.jobs.removeAll { $0.batch.deadline <= now } }
            return (state.jobs.filter { $0.batch.deadline <= now }, state.trouble)
        }
        for job in late { job.answer.resume(returning: .failure(trouble ?? .late)) }
    }

    private func run(_ work: WriterWork, _ gauge: PoolGauge, _ report: @Sendable (WriterReport) -> Void) {
        while obstacle != nil, !isClosed {
            let end = work.lookAfterConnection(report)
            if obstacle != nil { wakeUp.wait(besides: work.link.socket, until: end) }
        }
        while true {
            let (job, isClosed) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
            }
            if let job {
                if work.link.isConnected { gauge.noteWait(since: job.began) }
                let result = work.commit(job.batch, report) { self.wakeUp.wait(until: $0) }
                if case .failure = result, !work.link.isConnected { gauge.timeouts.add(1) }
                job.answer.resume(returning: result)
                if case .success = result { work.lookForRecovery(report) }
            } else if isClosed {
                return work.end()
            } else {
                let end = work.lookAfterConnection(report)
                wakeUp.wait(besides: work.link.socket, until: end)
            }
        }
    }
}

/// What became of the connection that writes.
enum WriterReport: Sendable {
    /// Batches can be committed.
    case available
    /// The connection has ended, or no host has given one.
    /// - isSure: Whether every host has been tried, and patiently where it did not answer.
    case unreachable(PostgresFailure, isSure: Bool)
    /// A batch could not be committed.
    case failed(StorageError)
    /// What processes have left that were killed could not be removed.
    case unswept(PostgresFailure)
}

extension StorageError {
    /// The storage has only begun to start.
    fileprivate static let starting = StorageError(
        .unavailable, code: "starting", detail: "the tables are not there yet")
}
