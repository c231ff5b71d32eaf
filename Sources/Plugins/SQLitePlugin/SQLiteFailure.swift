internal import BlockingThreads
internal import CSQLite
internal import Glibc
internal import OrderKernel

/// What SQLite said when a call failed.
struct SQLiteFailure: Error {
    private let code: Int32
    /// The extended code and SQLite's own words, for the log.
    let detail: String
    /// Whether a `COMMIT` failed in a way that may have left it in the log: what was written can be found there when
    /// the machine loses power before the next commit.
    var mayBeStored = false
    /// Whether SQLite itself said so.
    private var isOfSQLite = false
    /// Whether the write-ahead log ended before the place where it was to go on.
    private var hasFoundHole = false
    /// Whether the work was given up because its deadline passed, and not because others held a lock for too long.
    private var isLockedOut = false

    init(_ code: Int32, detail: String) {
        self.code = code
        self.detail = "\(detail) (\(code))"
    }

    /// The failure of the last call on a connection. Where a file cannot be opened, the system's words say why.
    init(_ code: Int32, on handle: OpaquePointer?) {
        var words = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "no words"
        let error = code & 0xff == SQLITE_CANTOPEN ? sqlite3_system_errno(handle) : 0
        // What SQLite cannot make, it looks for once more: that nothing is there then is no reason.
        if error != 0, error != ENOENT { words += ": \(SystemError.text(error))" }
        self.init(code, detail: words)
        isOfSQLite = true
    }

    /// The primary result code, such as `SQLITE_BUSY`.
    var primary: Int32 { code == Self.sharedMemoryCannotGrow ? SQLITE_FULL : code & 0xff }

    /// Whether the disk did not take what was written before: SQLite's `SQLITE_IOERR_FSYNC`, a macro that is not
    /// imported.
    var isOfSynchronising: Bool { code == SQLITE_IOERR | 4 << 8 }

    /// Whether the write-ahead log lacks what it had: SQLite's `SQLITE_IOERR_SHORT_READ` where it was to be read.
    var isOfShortenedLog: Bool { hasFoundHole || code == SQLITE_IOERR | 2 << 8 }

    /// Whether others hold a lock.
    var isLocked: Bool { primary == SQLITE_BUSY }

    /// Whether a `COMMIT` that fails so may be in the log: SQLite writes it there, and then needs memory to tell
    /// others.
    var leavesDoubt: Bool { code & 0xff == SQLITE_IOERR || code & 0xff == SQLITE_NOMEM }

    /// Code of the error where others hold a lock.
    static let lockedCode = "locked"

    /// Code of the error where a file cannot grow.
    static let fullCode = "disk_full"

    /// Code of the error where SQLite finds the file damaged, or a row is no order.
    static let corruptCode = "corrupt"

    /// SQLite's `SQLITE_IOERR_SHMSIZE`, a macro that is not imported: the memory that connections share is a file too.
    private static var sharedMemoryCannotGrow: Int32 { SQLITE_IOERR | 19 << 8 }

    /// A stored row that cannot be read as an order.
    static func unreadableRow(_ what: String) -> SQLiteFailure {
        SQLiteFailure(SQLITE_CORRUPT, detail: what)
    }

    /// Others held the write lock for too long.
    static var locked: SQLiteFailure { SQLiteFailure(SQLITE_BUSY, detail: "another process is writing") }

    /// The deadline passed while others held the write lock.
    static var lockedOut: SQLiteFailure {
        var failure = locked
        failure.isLockedOut = true
        return failure
    }

    /// The deadline passed before the work began, or before a read was done.
    static var late: SQLiteFailure { SQLiteFailure(SQLITE_INTERRUPT, detail: "out of time") }

    /// Resources of the process itself that could not be had: threads, descriptors.
    static func system(_ what: String) -> SQLiteFailure {
        SQLiteFailure(SQLITE_NOMEM, detail: what)
    }

    /// The service has ended.
    static var closed: SQLiteFailure { SQLiteFailure(SQLITE_MISUSE, detail: "the file is closed") }

    /// The file is not where it was opened: what is written to it would be found by nobody.
    static var gone: SQLiteFailure { SQLiteFailure(SQLITE_CANTOPEN, detail: "the file was removed, or moved away") }

    /// The database, or a file beside it, is not the one that was opened.
    static func replaced(_ path: String) -> SQLiteFailure {
        SQLiteFailure(
            SQLITE_CANTOPEN,
            detail: """
                \(path) was removed, or another is in its place: end every process that uses the database, then start
                """)
    }

    /// The system could not make the write-ahead log durable.
    static func notSynchronised(_ code: Int32) -> SQLiteFailure {
        SQLiteFailure(
            code == ENOSPC ? SQLITE_FULL : SQLITE_IOERR,
            detail: code == ENOENT ? "the write-ahead log was removed" : "fdatasync: \(SystemError.text(code))")
    }

    /// The disk may lack a part of the write-ahead log.
    static var inDoubt: SQLiteFailure {
        SQLiteFailure(SQLITE_IOERR, detail: "the write-ahead log is not on the disk")
    }

    /// The disk may lack pages of the database that the log has; begun anew, it would lack them for good.
    static var pagesLost: SQLiteFailure {
        SQLiteFailure(
            SQLITE_IOERR,
            detail: """
                the disk did not take the database: see to the disk, end every process that uses the database, and \
                start again, which writes it anew from its log
                """)
    }

    /// Somebody has shortened the write-ahead log: what it had is lost, and what came behind would hide that.
    static var logShortened: SQLiteFailure {
        var failure = SQLiteFailure(
            SQLITE_CORRUPT,
            detail: """
                the write-ahead log was shortened by another program: end every process that uses the database, see \
                which orders it lacks, and restore it where it is damaged
                """)
        (failure.isOfSQLite, failure.hasFoundHole) = (true, true)
        return failure
    }

    /// A trigger of the database's own has kept a row from being stored or changed.
    static var rowLeftOut: SQLiteFailure {
        SQLiteFailure(
            SQLITE_CONSTRAINT,
            detail: "the database has left out a row that was to be stored or changed, as a trigger may have it")
    }

    /// The failure as the kernel knows it.
    var storageError: StorageError {
        let (kind, code) = trouble
        return StorageError(
            mayBeStored ? .outcomeUnknown : kind, code: code, detail: detail,
            databaseCode: isOfSQLite || primary == SQLITE_BUSY ? String(self.code) : nil)
    }

    private var trouble: (StorageError.Kind, code: String) {
        switch primary {
        case SQLITE_BUSY where isLockedOut: (.deadlineExceeded, Self.lockedCode)
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: (.unavailable, Self.lockedCode)
        case SQLITE_FULL: (.unavailable, Self.fullCode)
        case SQLITE_READONLY, SQLITE_PERM: (.unavailable, "read_only")
        case SQLITE_IOERR: (.unavailable, "io_error")
        case SQLITE_CANTOPEN: (.unavailable, "cannot_open")
        case SQLITE_NOMEM: (.unavailable, "out_of_memory")
        case SQLITE_MISUSE: (.unavailable, "not_open")
        case SQLITE_INTERRUPT: (.deadlineExceeded, "deadline")
        case SQLITE_CORRUPT, SQLITE_NOTADB: (isOfSQLite ? .unavailable : .failed, Self.corruptCode)
        default: (.failed, "sqlite")
        }
    }
}
