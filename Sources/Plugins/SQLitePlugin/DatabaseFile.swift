internal import CSQLite
internal import Glibc
internal import OrderKernel

/// Where the orders are, and how connections to them are set up.
struct DatabaseFile: Sendable {
    private(set) var path: String
    let synchronous: SQLiteStorage.Synchronous
    let busyTimeout: Duration
    let time: any TimeSource
    /// Opening it may have to wait for locks.
    let opening = Abandonment()
    /// Bytes of the write-ahead log that are not exceeded for longer than readers hold on.
    var logLimit = ByteCount.mebibytes(64)

    /// Bytes of a page of a new file: a commit writes whole pages, most of them for one row each. A file keeps its own.
    private static let pageSize = 2_048

    /// Pages that the log should not have: those of ``logLimit``.
    func mostLoggedPages(of size: Int32) -> Int32 { Int32(logLimit.bytes / Int(size)) }

    /// Whether the log has to be made durable after a commit: SQLite itself does so before pages go into the file only.
    var flushesLater: Bool { synchronous == .full && !isInMemory }

    /// Whether the orders are in RAM: then there is one connection only.
    var isInMemory: Bool { path == ":memory:" }

    /// The same with another path.
    func at(_ path: String) -> DatabaseFile {
        var file = self
        file.path = path
        return file
    }

    /// Opens a connection to a file that is set up already.
    ///
    /// It is never created: SQLite removes the log of a file that is new, and it may be that of one that was moved
    /// away.
    func connect(cache: ByteCount) throws(SQLiteFailure) -> Connection {
        try connect(cache: cache, ifMissing: .fail)
    }

    private func connect(cache: ByteCount, ifMissing: Connection.IfMissing) throws(SQLiteFailure) -> Connection {
        let patience = Patience(timeout: busyTimeout, time: time, opening: opening)
        let connection = try Connection(path: path, ifMissing: ifMissing, patience: patience)
        do throws(SQLiteFailure) {
            try connection.execute(
                """
                PRAGMA synchronous = \(synchronous == .off ? "OFF" : "NORMAL");
                PRAGMA foreign_keys = ON;
                PRAGMA cache_size = -\(cache.bytes >> 10);
                PRAGMA journal_size_limit = \(logLimit.bytes);
                """)
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    /// Opens the connection that writes; until its `waitBegan` is forgotten, all locks are waited for together.
    /// - Throws: `SQLiteFailure`, or `PluginError` for the database of another program.
    func connectToWrite() throws -> Connection {
        if isInMemory { return try connect(cache: .mebibytes(12), ifMissing: .create) }
        return try connected(cache: .mebibytes(12), ifMissing: .create) { connection in
            connection.patience.waitBegan = time.now
            try checkOwner(connection)
            try keepLog(on: connection)
        }
    }

    /// Opens a connection that changes nothing, to a file that is there.
    /// - Throws: `SQLiteFailure`, or `PluginError` for the database of another program.
    func connectToLook() throws -> Connection {
        try connected(cache: .mebibytes(1), ifMissing: .fail, checkOwner)
    }

    /// Opens the first connection to a file. Where it cannot be used, all is left as it was.
    private func connected(
        cache: ByteCount, ifMissing: Connection.IfMissing, _ prepare: (Connection) throws -> Void
    ) throws -> Connection {
        guard !isSpecial else {
            throw PluginError("\(path) is no regular file, which a database has to be; change `path`.")
        }
        try checkLeftFiles()
        if mayBeOfAnotherLog { try checkFit() }
        let hasLog = hasLog
        let connection = try connect(cache: cache, ifMissing: ifMissing)
        do {
            try prepare(connection)
            return connection
        } catch {
            if hasLog { connection.leaveFiles() }
            connection.close()
            throw error
        }
    }

    /// Leaves the database of another program as it is.
    private func checkOwner(_ connection: Connection) throws {
        let tables = try connection.prepare(
            "SELECT count(*), coalesce(sum(name = 'schema_steps'), 0) FROM sqlite_schema WHERE type = 'table'")
        defer { tables.reset() }
        guard try tables.step(), tables.integer(0) > 0, tables.integer(1) == 0 else { return }
        throw PluginError("\(path) belongs to another program: it has tables, and none of orderd's; change `path`.")
    }

    /// Two that open a new file at the same moment exclude each other for an instant, and SQLite does not wait then.
    private func keepLog(on connection: Connection) throws(SQLiteFailure) {
        var attempt: Int32 = 0
        while true {
            do throws(SQLiteFailure) {
                return try connection.execute("PRAGMA page_size = \(Self.pageSize); PRAGMA journal_mode = WAL")
            } catch {
                guard error.primary == SQLITE_BUSY, connection.patience.wait(attempt: attempt) != 0 else { throw error }
                attempt += 1
            }
        }
    }

    /// One line that tells the operator why the file could not be opened.
    func startError(_ failure: SQLiteFailure) -> PluginError {
        switch failure.primary {
        case SQLITE_CANTOPEN where !directoryExists: noDirectory
        case SQLITE_CANTOPEN where isCircle:
            PluginError("\(path) is a symbolic link that leads back to itself; change `path`.")
        case SQLITE_CANTOPEN where isDirectory:
            PluginError("\(path) is a directory; name a file in it.")
        case SQLITE_CANTOPEN where isDenied, SQLITE_READONLY where isDenied:
            PluginError("\(path) cannot be opened: this user lacks the right to read and write it.")
        case SQLITE_CANTOPEN where isDirectoryDenied, SQLITE_READONLY where isDirectoryDenied:
            PluginError("\(path) cannot be opened: this user lacks the right to create files in its directory.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            PluginError("\(path) is locked by another process; gave up after \(busyTimeout.settingText).")
        case SQLITE_NOTADB: PluginError("\(path) is no SQLite database.")
        case SQLITE_CORRUPT: PluginError("\(path) is damaged: \(failure.detail).")
        case SQLITE_CANTOPEN where isOnReadOnlySystem, SQLITE_READONLY, SQLITE_PERM:
            PluginError("\(path) cannot be written: it, or its file system, is read-only.")
        case SQLITE_CANTOPEN where hasNoFilesLeft:
            PluginError("\(path) cannot be created: its file system has no room for more files (inodes).")
        case SQLITE_FULL: PluginError("There is no room left for \(path).")
        default: PluginError("\(path) cannot be opened: \(failure.detail).")
        }
    }

    var noDirectory: PluginError {
        let link = realPath == path ? "" : ", to which \(path) is a symbolic link,"
        return PluginError("The directory of \(realPath)\(link) does not exist; create it, or change `path`.")
    }

    /// Whether links lead in a circle.
    private var isCircle: Bool { access(path, F_OK) != 0 && errno == ELOOP }

    private var isDirectory: Bool { kind == S_IFDIR }

    /// Whether it is a pipe, a device or a socket, which SQLite would open all the same.
    private var isSpecial: Bool { kind.map { $0 != S_IFREG && $0 != S_IFDIR } ?? false }

    /// `nil` where there is no file.
    private var kind: mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    var directoryExists: Bool { access(parent, F_OK) == 0 || errno == EACCES }

    /// Whether the file, or a directory on the way to it, is closed to this user.
    private var isDenied: Bool { isDenied(R_OK | W_OK, to: path) }

    /// Whether SQLite cannot keep its files beside the database.
    private var isDirectoryDenied: Bool { isDenied(W_OK | X_OK, to: parent) }

    private var isOnReadOnlySystem: Bool { access(parent, W_OK) != 0 && errno == EROFS }

    private var hasNoFilesLeft: Bool {
        var status = statvfs()
        return statvfs(parent, &status) == 0 && status.f_files > 0 && status.f_favail == 0
    }

    private func isDenied(_ rights: Int32, to path: String) -> Bool {
        faccessat(AT_FDCWD, path, rights, AT_EACCESS) != 0 && errno == EACCES
    }

    /// The directory of the file itself, where SQLite keeps the others too.
    private var parent: String { realPath.lastIndex(of: "/").map { String(realPath[...$0]) } ?? "." }
}
