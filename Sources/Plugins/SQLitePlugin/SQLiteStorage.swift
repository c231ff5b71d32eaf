internal import Logging
public import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// Keeps orders in one SQLite file, which other processes may use at the same time.
public final class SQLiteStorage: StoragePlugin {
    public static let name = "sqlite"
    public static let summary = "Keeps orders in one SQLite file."

    /// How well the storage is, as far as is known.
    private struct Condition {
        /// Why nothing can be committed; `nil` when all is well.
        var trouble: String?
        /// What SQLite found damaged: nothing is stored any more then, as it could be lost with the rest.
        var damage: StorageError?
        /// When the disk was full for the last time.
        var fullAt: Instant?
        /// Since when commits have come too late for their requests as others held the lock: whether that is for longer
        /// than they may, a try without a deadline tells, or time where there is no time to try.
        var lockedSince: Instant?
    }

    let file: DatabaseFile
    private let readers: Int
    private let context: PluginContext
    private let running = Mutex<Database?>(nil)  // protects what `run` opens and closes
    private let condition = Mutex(Condition())  // protects what was last said of readiness

    public init(_ configuration: Configuration, context: PluginContext) {
        self.file = DatabaseFile(
            path: configuration.path.text, synchronous: configuration.synchronous,
            busyTimeout: configuration.busyTimeout, time: context.time)
        self.readers = configuration.readers
        self.context = context
    }

    /// Opens the file and brings its tables up to date, waits until told to stop, and closes.
    /// - Throws: `PluginError` when the file cannot be had: no directory, no database, read-only, locked, too new.
    public func run() async throws {
        let opened = try await Database.open(file, readers: readers, logger: context.logger)
        running.withLock { $0 = opened }
        if file.hasOtherNames {
            context.logger.warning(
                "the database has several names",
                metadata: [
                    "path": "\(file.path)", "advice": "through two of them, orders are lost: keep one hard link",
                ])
        }
        context.ready()
        await recoverUntilShutdown(opened)
        running.withLock { $0 = nil }
        await opened.close()
    }

    public var database: DatabaseDescription {
        var description = DatabaseDescription(system: Self.name)
        description.pools = running.withLock { $0 }?.pools ?? []
        return description
    }

    public func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        try await noting { () throws(StorageError) in
            if let damage = condition.withLock({ $0.damage }) { throw damage }
            let outcomes = try await opened().commit(batch)
            note(nil)
            return outcomes
        }
    }

    /// The log is made durable apart from a commit with `synchronous: full`, unless the orders are in RAM.
    public var flusher: (any StorageFlusher)? { file.flushesLater ? self : nil }

    public var commitExecutor: (any TaskExecutor)? { running.withLock { $0 }?.commitExecutor }

    public func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        try await noting { () throws(StorageError) in try await opened().order(id, before: deadline) }
    }

    public func orders(
        _ query: OrderQuery, before deadline: Instant
    ) async throws(StorageError) -> [Order] {
        try await noting { () throws(StorageError) in try await opened().orders(query, before: deadline) }
    }

    /// Hears of what cannot be done.
    private func noting<R>(_ work: () async throws(StorageError) -> R) async throws(StorageError) -> R {
        do throws(StorageError) {
            return try await work()
        } catch {
            note(error)
            throw error
        }
    }

    private func opened() throws(StorageError) -> Database {
        guard let database = running.withLock({ $0 }) else {
            throw StorageError(.unavailable, code: "not_open", detail: "the file is not open")
        }
        return database
    }

    /// While nothing can be committed, or nothing could in time, tries every second whether that is over: nobody may
    /// ask a service to write that says it is not ready.
    private func recoverUntilShutdown(_ database: Database) async {
        try? await cancelWhenGracefulShutdown { [self] in
            var failure: String?
            while true {
                try await context.time.sleep(for: .seconds(1))
                let (isWell, lockedSince, isDamaged) = condition.withLock {
                    ($0.trouble == nil, $0.lockedSince, $0.damage != nil)
                }
                if isDamaged || isWell && lockedSince == nil && database.isIntact { continue }
                do throws(StorageError) {
                    if try await database.tryOut() {
                        note(nil)
                    } else if let lockedSince, context.time.now >= lockedSince + file.busyTimeout {
                        note(SQLiteFailure.locked.storageError)
                    }
                    failure = nil
                } catch {
                    note(error)
                    // No request has failed that would tell.
                    if error.kind == .failed, failure != error.detail {
                        context.logger.error("storage cannot recover", metadata: ["reason": "\(error.detail)"])
                    }
                    failure = error.detail
                }
            }
        }
    }

    /// Tells of a change from well to unwell or back; `nil` is a commit that went well.
    private func note(_ error: StorageError?) {
        if let error, error.kind != .unavailable, error.kind != .outcomeUnknown {
            if error.code == SQLiteFailure.lockedCode {
                condition.withLock { $0.lockedSince = $0.lockedSince ?? context.time.now }
            }
            return
        }
        if error?.code == Database.overloaded { return }
        // Readiness changes within the lock: in the order in which it is known.
        let isNews = condition.withLock { condition in
            if condition.damage != nil { return false }
            if let error, error.code == SQLiteFailure.corruptCode { condition.damage = error }
            condition.lockedSince = nil
            if error?.code == SQLiteFailure.fullCode { condition.fullAt = context.time.now }
            guard condition.trouble != error?.code else { return false }
            if error == nil, let last = condition.fullAt, context.time.now < last + .seconds(1) { return false }
            condition.trouble = error?.code
            if let code = condition.trouble { context.unavailable(code) } else { context.ready() }
            return true
        }
        guard isNews else { return }
        if let error {
            context.logger.error(
                "storage unavailable", metadata: ["code": "\(error.code)", "reason": "\(error.detail)"])
        } else {
            context.logger.notice("storage available again")
        }
    }
}

extension SQLiteStorage: StorageFlusher {
    public func flush() async throws(StorageError) {
        try await noting { () throws(StorageError) in try await opened().flush() }
    }

    public var flushExecutor: (any TaskExecutor)? { running.withLock { $0 }?.flushExecutor }
}
