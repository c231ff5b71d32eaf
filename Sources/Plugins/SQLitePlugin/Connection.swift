internal import BlockingThreads
internal import CSQLite
internal import Glibc

/// One connection to a database. It is used by one thread at a time: whoever shares it holds it in a `Mutex`.
final class Connection {
    /// What to do where there is no file.
    enum IfMissing {
        case create, fail
    }

    let handle: OpaquePointer
    /// How long calls on this connection may take.
    let patience: Patience
    /// Pages in the write-ahead log after the last commit.
    private(set) var loggedPages: Int32 = 0
    /// Pages of the write-ahead log that the database had after the last checkpoint.
    private(set) var checkpointedPages: Int32 = 0
    private(set) var companions: Companions?
    /// Changes of the file when it was last looked at.
    private var changes: UInt32 = 0

    /// Opens a file for reading and writing.
    /// - Parameter path: A path, or `:memory:`.
    init(path: String, ifMissing: IfMissing, patience: Patience) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI
        errno = 0  // SQLite's own refusals leave it as it is
        let code = sqlite3_open_v2(
            path, &handle, ifMissing == .create ? flags | SQLITE_OPEN_CREATE : flags, LogFileSystem.name)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close(handle) }
            throw SQLiteFailure(code, on: handle)
        }
        guard sqlite3_db_readonly(handle, "main") == 0 else {
            defer { sqlite3_close(handle) }
            throw SQLiteFailure(SQLITE_READONLY, detail: "opened for reading only, as its permissions ask")
        }
        self.handle = handle
        self.patience = patience
        installPatience()
        installLogHook()
    }

    /// Ends every statement and closes. The connection is not used afterwards.
    func close() {
        while let statement = sqlite3_next_stmt(handle, nil) { sqlite3_finalize(statement) }
        sqlite3_close(handle)
    }

    /// Path of the file itself, with no symbolic link on the way; empty for a database in RAM.
    var filePath: String {
        sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? ""
    }

    /// Path of the write-ahead log, wherever SQLite keeps it.
    var logPath: String {
        sqlite3_db_filename(handle, "main").flatMap { sqlite3_filename_wal($0) }.map { String(cString: $0) } ?? ""
    }

    /// Path of the memory that connections share, which is a file.
    private var memoryPath: String { filePath.isEmpty ? "" : "\(filePath)-shm" }

    /// Notes what the file is like, and which files SQLite keeps beside it; from then on, others in their place are
    /// noticed.
    func noteCompanions() {
        companions = Companions(log: logPath, memory: memoryPath)
        changes = countedChanges() ?? 0
    }

    /// What became of the file, and of those that SQLite keeps beside it.
    var companionState: Companions.State {
        guard let companions else { return .intact }
        return isOverwritten ? .replaced(filePath) : companions.state
    }

    /// - Throws: Where the file, or what SQLite keeps beside it, was removed or replaced: nobody would find what is
    ///   written.
    func checkFiles() throws(SQLiteFailure) {
        if fileIsGone { throw .gone }
        try companionState.check()
    }

    /// Whether somebody has copied another database over the file. Looked at twice, as it may be changing.
    private var isOverwritten: Bool {
        for _ in 0..<2 {
            guard let now = countedChanges() else { return false }
            if now >= changes {
                changes = now
                return false
            }
        }
        return true
    }

    /// How often the file was changed, as it says itself: never less than before.
    /// Source: SQLite's file format, section 1.3.7.
    /// - Returns: 0 where the file is no database any more; `nil` where it cannot be read.
    private func countedChanges() -> UInt32? {
        guard let (file, methods) = file else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 28) { header in
            switch methods.xRead(file, header.baseAddress, 28, 0) {
            case SQLITE_OK: header[24..<28].reduce(0) { $0 << 8 | UInt32($1) }
            case SQLITE_IOERR | 2 << 8: 0  // `SQLITE_IOERR_SHORT_READ`, which Swift does not see
            default: nil
            }
        }
    }

    /// The file itself, as SQLite has it open.
    private var file: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods)? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
            let methods = file.pointee.pMethods?.pointee
        else { return nil }
        return (file, methods)
    }

    /// Bytes of a page of the file, and of its log.
    func pageSize() throws(SQLiteFailure) -> Int32 {
        let size = try prepare("PRAGMA page_size")
        defer { size.reset() }
        _ = try size.step()
        return Int32(truncatingIfNeeded: size.integer(0))
    }

    /// Has closing leave the files of the database as they are.
    func leaveFiles() { _ = sqlite3_db_config_no_checkpoint_on_close(handle) }

    /// Whether the file is not where it was opened, as somebody removed it or moved it away.
    private var fileIsGone: Bool {
        var hasMoved: Int32 = 0
        return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved) == SQLITE_OK && hasMoved != 0
    }

    func prepare(_ sql: String) throws(SQLiteFailure) -> Statement {
        try Statement(sql, on: handle)
    }

    /// Runs statements that give no rows, or whose rows do not matter.
    func execute(_ sql: String) throws(SQLiteFailure) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure(code, on: handle) }
    }

    /// Takes back what an open transaction has done. What it, or one that SQLite took back itself, has left for the log
    /// is forgotten first, as others may write there.
    func endTransaction() {
        LogFileSystem.endTransaction(on: handle)
        if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
    }

    /// Moves pages of the write-ahead log into the database, as far as readers and writers allow.
    ///
    /// A busy log is no failure: the next checkpoint takes what this one left. SQLite waits for readers and writers,
    /// and never for another checkpoint: that is waited for here, all of them together.
    /// - Parameter mode: `SQLITE_CHECKPOINT_PASSIVE` or one that waits.
    /// - Returns: Whether one that waits was complete.
    func checkpoint(_ mode: Int32) throws(SQLiteFailure) -> Bool {
        var code = SQLITE_OK
        try patience.together { () throws(SQLiteFailure) in
            var attempt: Int32 = 0
            repeat {
                code = sqlite3_wal_checkpoint_v2(handle, "main", mode, nil, &checkpointedPages)
                attempt += 1
            } while mode != SQLITE_CHECKPOINT_PASSIVE && code & 0xff == SQLITE_BUSY
                && patience.wait(attempt: attempt) != 0
        }
        let isFine = code == SQLITE_OK || code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED
        guard isFine else { throw SQLiteFailure(code, on: handle) }
        return code == SQLITE_OK
    }

    /// Waits until the disk has what checkpoints have written to the database.
    func synchroniseFile() throws(SQLiteFailure) {
        guard let (file, methods) = file else { return }
        let code = methods.xSync(file, SQLITE_SYNC_NORMAL)
        guard code == SQLITE_OK else {
            throw SQLiteFailure(code, detail: "cannot synchronise the database: \(SystemError.text(errno))")
        }
    }

    // SQLite keeps a pointer to each of these: `close()` ends the handle before the connection goes, as whoever opens
    // one closes it, where the opening fails on too.
    private func installPatience() {
        let context = Unmanaged.passUnretained(patience).toOpaque()
        sqlite3_busy_handler(
            handle, { Unmanaged<Patience>.fromOpaque($0.unsafelyUnwrapped).takeUnretainedValue().wait(attempt: $1) },
            context)
        sqlite3_progress_handler(
            handle, 4_096,
            { Unmanaged<Patience>.fromOpaque($0.unsafelyUnwrapped).takeUnretainedValue().isOutOfTime ? 1 : 0 }, context)
    }

    private func installLogHook() {
        sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                Unmanaged<Connection>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().loggedPages = pages
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
