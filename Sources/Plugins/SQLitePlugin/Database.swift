internal import BlockingThreads
internal import Logging
internal import OrderKernel
internal import Synchronization

/// An open database: its connections, and the threads that wait for it.
///
/// One thread writes, a few make lists, two look after the write-ahead log, and single orders and short lists are read
/// where the request runs already, or on a thread of their own where something has to be waited for. A database in RAM
/// has one connection for everything, and no log.
final class Database: Sendable {
    /// Rows that are read in less time than it takes to have a thread do it.
    private static let fewRows = 128

    /// Code of the error where too much waits already.
    static let overloaded = "overloaded"

    private let isFlushed: Bool
    private let writer: WriterSeat
    private let readers: ReaderPool?
    private let writing: WorkerThreads
    private let listing: WorkerThreads
    /// For what takes no time, so that it does not wait behind lists that do.
    private let lookingUp: WorkerThreads

    /// Opens the file and brings it up to this program's schema.
    /// - Throws: `PluginError` for what the operator can mend, `CancellationError`; everything is closed again.
    static func open(_ file: DatabaseFile, readers: Int, logger: Logger) async throws -> Database {
        do {
            let writing = try WorkerThreads.started(1, limit: 64)
            do {
                return try await Database(
                    file, readers: readers, writing: writing, reports: CheckpointReports(logger))
            } catch {
                await writing.close()
                throw error
            }
        } catch let error as SQLiteFailure {
            try Task.checkCancellation()
            throw file.startError(error)
        }
    }

    private init(
        _ file: DatabaseFile, readers count: Int, writing: WorkerThreads, reports: CheckpointReports
    ) async throws {
        let opened = await withTaskCancellationHandler {
            await writing.run { Result { try WriterSeat(file, reports) } }
        } onCancel: {
            file.opening.giveUp()
        }
        guard let opened else { throw CancellationError() }
        self.isFlushed = file.flushesLater
        self.writer = try opened.get()
        self.readers = writer.readers()
        self.writing = writing
        do {
            lookingUp = try .started(1, limit: 1_024)
            do {
                listing = try .started(count, limit: 1_024)
            } catch {
                await lookingUp.close()
                throw error
            }
        } catch {
            await writer.log?.close()
            writer.close()
            throw error
        }
    }

    /// The thread that commits.
    var commitExecutor: any TaskExecutor { writing }

    /// The threads that make commits durable; `nil` in RAM.
    var flushExecutor: (any TaskExecutor)? { writer.log?.executor }

    /// Commits a batch. Where the task is cancelled, locks of others are waited for no more.
    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        try await runUnlessCancelled { [self] (abandonment) throws(SQLiteFailure) in
            let (outcomes, pages) = try writer.write(before: batch.deadline, unless: { abandonment.isGivenUp }) {
                (writer) throws(SQLiteFailure) in
                let outcomes = try writer.commit(batch)
                let pages = writer.connection.loggedPages
                guard pages >= writer.mostLoggedPages else { return (outcomes, pages) }
                checkpoint(writer)
                return (outcomes, 0)
            }
            writer.log?.checkpointIfLong(pages: pages, rest: checkpointRest)
            return outcomes
        }
    }

    /// Makes durable what was committed before, where that takes more than the commit.
    ///
    /// What was read is held back as long, so that nobody is shown what a loss of power undoes; but what another
    /// process has committed is seen at once.
    func flush() async throws(StorageError) {
        guard isFlushed, let log = writer.log else { return }
        do throws(SQLiteFailure) {
            try await log.synchronise()
        } catch {
            throw error.storageError
        }
    }

    /// Tries whether a commit is possible, unless there are some to try it with.
    /// - Returns: Whether it is; `false` where it gave way to commits, or to the end of the task, while it waited for
    ///   others' locks.
    func tryOut() async throws(StorageError) -> Bool {
        let isPossible = try await runUnlessCancelled { [self] (abandonment) throws(SQLiteFailure) in
            let isUnwanted: @Sendable () -> Bool = { [writing] in abandonment.isGivenUp || writing.waiting > 0 }
            do throws(SQLiteFailure) {
                try writer.write(before: nil, unless: isUnwanted) { (writer) throws(SQLiteFailure) in
                    try writer.tryOut()
                }
                return true
            } catch {
                if error.isLocked, isUnwanted() { return false }
                throw error
            }
        }
        if isPossible { try await flush() }
        return isPossible
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        let order =
            if let read = try readAtOnce(before: deadline, { (reader) throws(SQLiteFailure) in try reader.order(id) }) {
                read
            } else {
                try await readPatiently(on: lookingUp, before: deadline) { (reader) throws(SQLiteFailure) in
                    try reader.order(id)
                }
            }
        try await flush()
        return order
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        let isShort = query.skip + query.limit <= Self.fewRows && ListShape(query).readsOnlyItsRows
        let orders =
            if isShort,
                let read = try readAtOnce(
                    before: deadline, { (reader) throws(SQLiteFailure) in try reader.orders(query) })
            {
                read
            } else {
                try await readPatiently(on: isShort ? lookingUp : listing, before: deadline) {
                    (reader) throws(SQLiteFailure) in try reader.orders(query)
                }
            }
        try await flush()
        return orders
    }

    /// Whether the files are those that were opened.
    var isIntact: Bool { writer.isIntact }

    /// The connections that read; a database in RAM has none of its own for that.
    var pools: [ConnectionPool] {
        guard let counts = readers?.counts else { return [] }
        return [
            ConnectionPool(
                name: SQLiteStorage.name, used: counts.used, idle: counts.idle,
                waiting: listing.waiting + lookingUp.waiting)
        ]
    }

    /// Ends the threads after what they have taken on, and closes every connection.
    func close() async {
        await listing.close()
        await lookingUp.close()
        readers?.close()
        await writer.log?.close()
        _ = await writing.run { [self] in writer.close() }
        await writing.close()
    }

    private func checkpoint(_ writer: OrderWriter) {
        if self.writer.log?.keepsAll == true { return }
        let outcome = writer.checkpointRest()
        self.writer.log?.note(outcome)
    }

    private func checkpointRest(_ done: @escaping @Sendable () -> Void) {
        let isTaken = writing.submit { [self] in
            try? writer.use { checkpoint($0) }
            done()
        }
        if !isTaken { done() }
    }

    /// Reads where the request runs already; `nil` where something has to be waited for: a connection, or a lock.
    private func readAtOnce<R: Sendable>(
        before deadline: Instant, _ body: @Sendable (OrderReader) throws(SQLiteFailure) -> R
    ) throws(StorageError) -> R? {
        do throws(SQLiteFailure) {
            if let readers {
                return try readers.readAtOnce { (reader) throws(SQLiteFailure) in
                    try reader.read(before: deadline, waits: false, body)
                }
            }
            return try writer.useAtOnce { (writer) throws(SQLiteFailure) in
                try writer.reader.read(before: deadline, waits: false, body)
            }
        } catch {
            if error.isLocked { return nil }
            throw error.storageError
        }
    }

    /// Reads on a thread, which may wait.
    private func readPatiently<R: Sendable>(
        on threads: WorkerThreads, before deadline: Instant,
        _ body: @escaping @Sendable (OrderReader) throws(SQLiteFailure) -> R
    ) async throws(StorageError) -> R {
        try await run(on: threads) { [self] () throws(SQLiteFailure) in
            if let readers {
                return try readers.read { (reader) throws(SQLiteFailure) in try reader.read(before: deadline, body) }
            }
            return try writer.use { (writer) throws(SQLiteFailure) in try writer.reader.read(before: deadline, body) }
        }
    }

    /// Has the writing thread do what may wait for locks of others, which it is told to wait for no more where the task
    /// is cancelled.
    private func runUnlessCancelled<R: Sendable>(
        _ work: @escaping @Sendable (Abandonment) throws(SQLiteFailure) -> R
    ) async throws(StorageError) -> R {
        let abandonment = Abandonment()
        let result = await withTaskCancellationHandler {
            await attempt(on: writing) { () throws(SQLiteFailure) in try work(abandonment) }
        } onCancel: {
            abandonment.giveUp()
        }
        return try result.get()
    }

    private func run<R: Sendable>(
        on threads: WorkerThreads, _ work: @escaping @Sendable () throws(SQLiteFailure) -> R
    ) async throws(StorageError) -> R {
        try await attempt(on: threads, work).get()
    }

    private func attempt<R: Sendable>(
        on threads: WorkerThreads, _ work: @escaping @Sendable () throws(SQLiteFailure) -> R
    ) async -> Result<R, StorageError> {
        let result = await threads.run { () -> Result<R, StorageError> in
            do throws(SQLiteFailure) {
                return .success(try work())
            } catch {
                return .failure(error.storageError)
            }
        }
        return result ?? .failure(StorageError(.unavailable, code: Self.overloaded, detail: "no room for more work"))
    }
}

extension WorkerThreads {
    /// Threads for a database that is being opened.
    static func started(_ count: Int, limit: Int) throws(SQLiteFailure) -> WorkerThreads {
        do throws(PluginError) {
            return try WorkerThreads(count, limit: limit)
        } catch {
            throw .system(error.description)
        }
    }
}
