internal import BlockingThreads
internal import CSQLite
internal import Glibc
internal import OrderKernel
internal import Synchronization

/// The write-ahead log beside the connection that writes to it: makes durable what was committed, and keeps the log
/// bounded, on threads of its own, so that the writer goes on meanwhile.
///
/// SQLite could make each commit durable itself, with `synchronous = FULL`, but only within the commit. A transaction
/// is in the log before its commit returns, so one `fdatasync` covers all that were committed before, those of other
/// processes too.
///
/// A connection of the log's own runs checkpoints, seldom: pages that change often then go into the database once. It
/// also waits until the disk has them, which no commit waits for then. What is committed meanwhile stays, and the
/// writer checkpoints that little itself, so that the log begins anew. A reader that holds an old page prevents that.
/// Beyond ``DatabaseFile/logLimit`` the writer runs a checkpoint itself before it goes on, and waits for such readers,
/// and for the connection that is at it, a little; one that holds on is not waited for at every commit.
final class WriteAheadLog: Sendable {
    /// Pages that the writer checkpoints in a moment.
    private static let fewPages: Int32 = 256
    /// How often it is tried to leave it no more.
    private static let mostCheckpoints = 8
    /// Pages from which the log is checkpointed: half of those that it should not have.
    private let manyPages: Int32
    private let descriptor: Int32
    /// Whether the disk has to have the pages before the log begins anew.
    private let isSynchronised: Bool
    private let connection: Mutex<Connection>  // protects the connection, which one thread uses at a time
    private let threads: WorkerThreads
    private let commits: DurableCommits
    private let isCheckpointing = Atomic(false)
    private let reasonToKeep = Mutex<SQLiteFailure?>(nil)  // protects why the log is to stay as it is
    private let reports: CheckpointReports

    /// - Parameter writer: Has opened the database.
    init(
        of file: DatabaseFile, besides writer: Connection, commits: DurableCommits, reports: CheckpointReports
    ) throws(SQLiteFailure) {
        self.commits = commits
        self.reports = reports
        manyPages = file.mostLoggedPages(of: try writer.pageSize()) / 2
        isSynchronised = file.synchronous != .off
        descriptor = open(writer.logPath, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot open the write-ahead log: \(SystemError.text(errno))") }
        do throws(SQLiteFailure) {
            let connection = try file.connect(cache: .kibibytes(64))
            connection.noteCompanions()
            do throws(SQLiteFailure) {
                threads = try .started(2, limit: 64)
            } catch {
                connection.close()
                throw error
            }
            self.connection = Mutex(connection)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        // What the log has already may have been committed by a process that ended before the disk had it.
        commits.begin()
        commits.end(isStored: true)
    }

    /// The threads that synchronise.
    var executor: any TaskExecutor { threads }

    /// Waits until the disk has all that can be read now.
    /// - Throws: When it may lack some of that: all of the log has to go into the database then.
    func synchronise() async throws(SQLiteFailure) {
        let commit = commits.begun
        while true {
            switch await commits.next(for: commit) {
            case .done: return
            case .fail: throw .inDoubt
            case .synchronise(let ended):
                let code = await threads.run { [descriptor] in Self.synchronise(descriptor) } ?? EAGAIN
                guard code == 0 else {
                    commits.doubt()
                    throw .notSynchronised(code)
                }
                commits.settle(upTo: ended)
            }
        }
    }

    /// - Returns: 0, or the value of `errno`: `ENOENT` where somebody has removed the log, and nobody else finds it.
    private static func synchronise(_ descriptor: Int32) -> Int32 {
        while fdatasync(descriptor) != 0 {
            if errno != EINTR { return errno }
        }
        return FileIdentity.isRemoved(descriptor) ? ENOENT : 0
    }

    /// Runs checkpoints, where the log is long and nobody does so already. Nothing that was committed depends on them.
    /// - Parameters:
    ///   - pages: Pages in the log.
    ///   - rest: Has the writer checkpoint what was committed meanwhile, and calls what it is given.
    func checkpointIfLong(
        pages: Int32, rest: @escaping @Sendable (_ done: @escaping @Sendable () -> Void) -> Void
    ) {
        guard pages >= manyPages, !isCheckpointing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let done: @Sendable () -> Void = { [self] in isCheckpointing.store(false, ordering: .releasing) }
        let isTaken = threads.submit { [self] in
            do throws(SQLiteFailure) {
                try checkpointMost()
            } catch {
                note(.failed(error))
            }
            if keepsAll { done() } else { rest(done) }
        }
        if !isTaken { done() }
    }

    /// Checkpoints until the disk has all pages, and again what was committed meanwhile, until that is little.
    private func checkpointMost() throws(SQLiteFailure) {
        try connection.withLock { (connection) throws(SQLiteFailure) in
            var checkpointed: Int32 = 0
            for _ in 0..<Self.mostCheckpoints {
                guard connection.companionState == .intact else { return }
                _ = try connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
                // Also notes what this has changed: of a copy that is put there now it is known that it is older.
                guard connection.companionState == .intact else { return }
                if isSynchronised { try connection.synchroniseFile() }
                if connection.checkpointedPages - checkpointed < Self.fewPages { return }
                checkpointed = connection.checkpointedPages
            }
        }
    }

    /// Hears what became of a checkpoint, here or by the writer.
    func note(_ outcome: CheckpointOutcome) {
        if case .failed(let failure) = outcome {
            if failure.isOfSynchronising { keepAll(because: .pagesLost) }
            if failure.isOfShortenedLog { keepAll(because: .logShortened) }
        }
        reports.note(outcome)
    }

    /// Has the log stay as it is.
    func keepAll(because reason: SQLiteFailure) { reasonToKeep.withLock { $0 = $0 ?? reason } }

    /// Whether the log has to stay as it is, with all that it holds, until every process has ended. Either the disk did
    /// not take pages of the database, and the next process checkpoints all of them again: a later synchronisation does
    /// not mend that, as the system takes pages for written whose writing failed, and SQLite counts them as
    /// checkpointed. Or somebody has shortened the log, and a checkpoint would mix pages of several commits.
    var keepsAll: Bool { reasonToKeep.withLock { $0 != nil } }

    /// Where the disk may lack a part of the log, or the log is gone: has the writer's connection checkpoint all of it,
    /// and wait for readers, so that the log begins anew.
    /// - Throws: Where the log is gone, as nobody would find what is committed, or others may have begun anew: a
    ///   checkpoint would then destroy what is theirs; where the log is to stay as it is.
    func putRight(on writer: Connection) throws(SQLiteFailure) {
        if let reason = reasonToKeep.withLock({ $0 }) { throw reason }
        let state = writer.companionState
        if case .replaced = state { try writer.checkFiles() }
        guard state == .logRemoved || commits.isInDoubt else { return }
        guard try writer.checkpoint(SQLITE_CHECKPOINT_RESTART) else {
            throw writer.patience.isLate ? .lockedOut : .locked
        }
        commits.settleAll()
        if state == .logRemoved { throw .notSynchronised(ENOENT) }
    }

    func close() async {
        await threads.close()
        connection.withLock { $0.close() }
        _ = Glibc.close(descriptor)
    }
}
