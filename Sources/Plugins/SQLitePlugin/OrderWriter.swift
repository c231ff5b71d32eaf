internal import CSQLite
internal import OrderKernel

/// Makes batches durable, on the one connection of this process that writes.
final class OrderWriter {
    /// Reads on the same connection.
    let reader: OrderReader
    let connection: Connection
    private let turnstile: Turnstile
    private let commits: DurableCommits
    /// How long writes wait for the readers of a log that is too long.
    private static let readerPatience = Duration.seconds(1)

    private let pageSize: Int32
    /// Pages that the log should not have.
    let mostLoggedPages: Int32
    /// Pages in the log from which its readers are waited for: more than else after some did not end in time.
    private var waitingPages: Int32
    private let begin, commit, highestID, insertOrder, updateOrder, insertKey, probe: Statement

    /// Opens the file, brings its tables up to date, and prepares what is needed to write.
    /// - Parameter commits: Hears of each commit.
    /// - Throws: `SQLiteFailure`, or `PluginError` where the tables are not ours.
    static func open(_ file: DatabaseFile, commits: DurableCommits) throws -> OrderWriter {
        let connection = try file.connectToWrite()
        let turnstile = Turnstile(besides: connection)
        do {
            try Migrator(file, connection).migrate(through: turnstile)
            connection.patience.waitBegan = nil
            connection.noteCompanions()
            return try OrderWriter(file, connection, turnstile: turnstile, commits: commits)
        } catch {
            connection.close()
            turnstile.close()
            throw error
        }
    }

    private init(
        _ file: DatabaseFile, _ connection: Connection, turnstile: Turnstile, commits: DurableCommits
    ) throws(SQLiteFailure) {
        pageSize = try connection.pageSize()
        mostLoggedPages = file.mostLoggedPages(of: pageSize)
        waitingPages = mostLoggedPages
        self.connection = connection
        self.turnstile = turnstile
        self.commits = commits
        reader = try OrderReader(connection)
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        highestID = try connection.prepare("SELECT max(id) FROM orders")
        insertOrder = try connection.prepare(
            "INSERT INTO orders (\(OrderReader.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
        updateOrder = try connection.prepare(
            "UPDATE orders SET status = ?2, updated_at = ?3, revision = ?4 WHERE id = ?1")
        insertKey = try connection.prepare(
            "INSERT INTO idempotency_keys (principal, key, digest, order_id) VALUES (?1, ?2, ?3, ?4)")
        probe = try connection.prepare("UPDATE schema_steps SET needs = needs WHERE version = 1")
    }

    /// Commits a batch. Waits for its turn to write until the batch's deadline; a commit that has begun is finished.
    func commit(_ batch: WriteBatch) throws(SQLiteFailure) -> [WriteOutcome] {
        try transaction(before: batch.deadline) { () throws(SQLiteFailure) in
            let rows = try currentRows(for: batch)
            let effects = batch.effects(on: rows, nextID: try nextID(for: batch, on: rows))
            try store(effects)
            return effects.outcomes
        }
    }

    /// Tries whether commits are possible, with room for some orders: by writing what is there already, and 64 KiB that
    /// are removed at once.
    func tryOut() throws(SQLiteFailure) {
        try transaction(before: nil) { () throws(SQLiteFailure) in
            try probe.run()
            try connection.execute("CREATE TABLE IF NOT EXISTS orderd_trial (bytes BLOB) STRICT")
            try connection.execute("INSERT INTO orderd_trial VALUES (zeroblob(65536))")
        }
        try transaction(before: nil) { () throws(SQLiteFailure) in
            try connection.execute("DROP TABLE IF EXISTS orderd_trial")
        }
    }

    /// Checkpoints what others left in the write-ahead log. Where that is too long, waits a little for its readers;
    /// where that was in vain, does so again once it has grown by as much.
    @discardableResult
    func checkpointRest() -> CheckpointOutcome {
        guard connection.companionState == .intact else { return .unfinished }
        let pages = connection.loggedPages
        if pages < mostLoggedPages { waitingPages = mostLoggedPages }
        let waits = pages >= waitingPages
        do throws(SQLiteFailure) {
            connection.patience.allow(Self.readerPatience)
            let isComplete = try connection.checkpoint(waits ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE)
            if !waits { return pages < mostLoggedPages ? .completed : .unfinished }
            if isComplete { return .completed }
            waitingPages = pages + mostLoggedPages
            return .held(ByteCount(Int(pages) * Int(pageSize)))
        } catch {
            return .failed(error)
        }
    }

    /// Has the log go into the database, which SQLite completes where nobody else has it open; where others may have
    /// begun anew, all is left as it is.
    /// - Parameter leavingLog: Whether the log is to stay as it is.
    /// - Returns: Whether that failed.
    @discardableResult
    func close(leavingLog: Bool = false) -> CheckpointOutcome {
        defer {
            connection.close()
            turnstile.close()
        }
        if leavingLog {
            connection.leaveFiles()
            return .unfinished
        }
        do throws(SQLiteFailure) {
            switch connection.companionState {
            case .intact: _ = try connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
            case .logRemoved:
                connection.leaveFiles()
                connection.patience.allow(Self.readerPatience)
                guard try connection.checkpoint(SQLITE_CHECKPOINT_RESTART) else { throw .locked }
            case .replaced: connection.leaveFiles()
            }
            return .unfinished
        } catch {
            connection.leaveFiles()  // closing would try again, and remove the log if that went well
            return .failed(error)
        }
    }

    private func transaction<R>(
        before deadline: Instant?, _ body: () throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R {
        connection.patience.deadline = deadline
        connection.patience.endsAtDeadline = false
        if connection.patience.isLate { throw .late }
        defer { connection.endTransaction() }
        try takeTurn()
        try connection.checkFiles()
        do throws(SQLiteFailure) {
            let result = try body()
            try finish()
            return result
        } catch {
            throw LogFileSystem.logIsShortened(on: connection.handle) ? .logShortened : error
        }
    }

    private func finish() throws(SQLiteFailure) {
        commits.begin()
        do throws(SQLiteFailure) {
            try commit.run()
            commits.end(isStored: true)
        } catch {
            commits.end(isStored: false)
            var error = error
            error.mayBeStored = error.leavesDoubt
            throw error
        }
    }

    private func takeTurn() throws(SQLiteFailure) {
        do throws(SQLiteFailure) {
            try turnstile.pass(connection.patience) { () throws(SQLiteFailure) in try begin.run() }
        } catch {
            throw error.primary == SQLITE_BUSY && connection.patience.isLate ? .lockedOut : error
        }
    }

    /// Ids are never used again: orders are never deleted, so the highest is the last one given.
    private func nextID(for batch: WriteBatch, on rows: CurrentRows) throws(SQLiteFailure) -> Order.ID {
        defer { highestID.reset() }
        let highest = try highestID.step() ? highestID.integer(0) : 0
        if highest < Order.ID.max - Order.ID(batch.writes.count) { return highest + 1 }
        guard batch.creates(on: rows) == 0 else { throw .unreadableRow("order \(highest) leaves no ids for others") }
        return .max
    }

    private func currentRows(for batch: WriteBatch) throws(SQLiteFailure) -> CurrentRows {
        var rows = CurrentRows()
        for id in batch.updatedIDs { rows.orders[id] = try reader.order(id) }
        for key in batch.keys {
            guard let use = try reader.use(of: key) else { continue }
            rows.keys[key] = use
            rows.orders[use.orderID] = try reader.order(use.orderID)
        }
        return rows
    }

    private func store(_ effects: WriteEffects) throws(SQLiteFailure) {
        for order in effects.inserted { try insert(order) }
        for order in effects.updated { try update(order) }
        for taken in effects.takenKeys {
            try insertKey.bind(taken.key.principal, at: 1)
            try insertKey.bind(taken.key.text, at: 2)
            try insertKey.bind(taken.value.digest, at: 3)
            try insertKey.bind(taken.value.orderID, at: 4)
            try insertKey.changeRow()
        }
    }

    private func insert(_ order: Order) throws(SQLiteFailure) {
        try insertOrder.bind(order.id, at: 1)
        try insertOrder.bind(order.customerID, at: 2)
        try insertOrder.bind(order.woodType, at: 3)
        try insertOrder.bind(Int64(order.quantity), at: 4)
        try insertOrder.bind(order.status.rawValue, at: 5)
        try insertOrder.bind(order.createdAt.milliseconds, at: 6)
        try insertOrder.bind(order.updatedAt.milliseconds, at: 7)
        try insertOrder.bind(Int64(order.revision), at: 8)
        try insertOrder.changeRow()
    }

    private func update(_ order: Order) throws(SQLiteFailure) {
        try updateOrder.bind(order.id, at: 1)
        try updateOrder.bind(order.status.rawValue, at: 2)
        try updateOrder.bind(order.updatedAt.milliseconds, at: 3)
        try updateOrder.bind(Int64(order.revision), at: 4)
        try updateOrder.changeRow()
    }
}
