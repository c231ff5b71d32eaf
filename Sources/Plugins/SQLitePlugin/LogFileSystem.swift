internal import CSQLite
internal import Glibc

/// SQLite's own file system, but for the write-ahead log, whose commits are written whole (``LogWrites``).
enum LogFileSystem {
    /// What connections are opened with; `nil`, which is SQLite's own, where SQLite does not take another.
    static let name: String? = register(name: "orderd") ? "orderd" : nil

    /// SQLite's own.
    // Unsafe to the compiler, as a pointer is; SQLite keeps what it points to, and changes nothing of it.
    nonisolated(unsafe) private static let own = {
        // Asking for the file system begins the use of SQLite. Until then it can be told not to count all memory that
        // it takes, under a lock that every connection waits for.
        _ = sqlite3_config_memstatus(0)
        return sqlite3_vfs_find(nil)
    }()

    /// Has the log of a connection forget what a transaction has left that is over, or about to be rolled back.
    static func endTransaction(on connection: OpaquePointer) {
        LogFile.endTransaction(journal(of: connection))
    }

    /// Whether the log of an empty database has orders, which SQLite would remove: somebody has emptied the database.
    private static func isNeeded(_ path: String) -> Bool {
        guard path.hasSuffix("-wal"), let log = FileIdentity.size(ofFileAt: path) else { return false }
        return log > DatabaseFile.logHeader && FileIdentity.size(ofFileAt: String(path.dropLast(4))) == 0
    }

    /// Whether a transaction of a connection found its log shorter than it had been written.
    static func logIsShortened(on connection: OpaquePointer) -> Bool {
        LogFile.isShortened(journal(of: connection))
    }

    /// The log, or what a connection has in its place.
    private static func journal(of connection: OpaquePointer) -> UnsafeMutablePointer<sqlite3_file>? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
        return code == SQLITE_OK ? file : nil
    }

    private static func register(name: StaticString) -> Bool {
        guard let own else { return false }
        let system = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)  // SQLite keeps it
        system.initialize(to: own.pointee)
        system.pointee.zName = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        system.pointee.szOsFile += Int32(LogFile.size)
        system.pointee.xOpen = { _, path, file, flags, outFlags in
            guard let own = Self.own, let file else { return SQLITE_CANTOPEN }
            guard flags & SQLITE_OPEN_WAL != 0 else { return own.pointee.xOpen(own, path, file, flags, outFlags) }
            return LogFile.open(file, at: path) { own.pointee.xOpen(own, path, $0, flags, outFlags) }
        }
        system.pointee.xDelete = { _, path, isSynchronised in
            guard let own = Self.own, let path else { return SQLITE_MISUSE }
            if Self.isNeeded(String(cString: path)) { return SQLITE_CORRUPT }
            return own.pointee.xDelete(own, path, isSynchronised)
        }
        return sqlite3_vfs_register(system, 0) == SQLITE_OK
    }
}

/// The write-ahead log of one connection, as SQLite sees it: SQLite's own file follows it in memory.
private struct LogFile {
    /// Bytes before SQLite's own file, which is aligned as this is.
    static let size = 64

    var file: sqlite3_file
    /// The same file: SQLite's own tells its size, but asks for its times too (``FileIdentity``).
    let descriptor: Int32
    let writes: UnsafeMutablePointer<LogWrites>
    /// Whether the log ended before the place where it was to go on.
    var isShortened = false

    // Unsafe to the compiler, as a pointer is; nobody writes to the table once it is made.
    nonisolated(unsafe) private static let methods: UnsafePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)  // SQLite keeps it
        var all = sqlite3_io_methods()
        all.iVersion = 1
        all.xClose = { LogFile.close($0) }
        all.xRead = { file, bytes, count, offset in
            LogFile.settled(file) { own, methods in methods.xRead(own, bytes, count, offset) }
        }
        all.xWrite = { file, bytes, count, offset in
            LogFile.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)), at: offset, to: file)
        }
        all.xTruncate = { file, size in LogFile.settled(file) { own, methods in methods.xTruncate(own, size) } }
        all.xSync = { file, flags in LogFile.settled(file) { own, methods in methods.xSync(own, flags) } }
        all.xFileSize = { file, size in LogFile.settled(file) { own, methods in methods.xFileSize(own, size) } }
        all.xLock = { file, level in LogFile.passed(file) { own, methods in methods.xLock(own, level) } }
        all.xUnlock = { file, level in LogFile.passed(file) { own, methods in methods.xUnlock(own, level) } }
        all.xCheckReservedLock = { file, answer in
            LogFile.passed(file) { own, methods in methods.xCheckReservedLock(own, answer) }
        }
        all.xFileControl = { file, operation, argument in
            LogFile.passed(file) { own, methods in methods.xFileControl(own, operation, argument) }
        }
        all.xSectorSize = { file in LogFile.passed(file) { own, methods in methods.xSectorSize(own) } }
        all.xDeviceCharacteristics = { file in
            LogFile.passed(file) { own, methods in methods.xDeviceCharacteristics(own) }
        }
        methods.initialize(to: all)
        return UnsafePointer(methods)
    }()

    /// - Parameter openOwn: Opens SQLite's own file in the memory it is given. Returns SQLite's code.
    static func open(
        _ file: UnsafeMutablePointer<sqlite3_file>, at path: UnsafePointer<CChar>?,
        _ openOwn: (UnsafeMutablePointer<sqlite3_file>) -> Int32
    ) -> Int32 {
        file.pointee.pMethods = nil  // nothing to close
        let own = own(file)
        own.pointee.pMethods = nil
        let code = openOwn(own)
        let descriptor = code == SQLITE_OK ? path.map { Glibc.open($0, O_RDONLY | O_CLOEXEC) } : nil
        guard let descriptor, descriptor >= 0 else {
            if let methods = own.pointee.pMethods { _ = methods.pointee.xClose(own) }
            return code == SQLITE_OK ? SQLITE_CANTOPEN : code
        }
        let writes = UnsafeMutablePointer<LogWrites>.allocate(capacity: 1)
        writes.initialize(to: LogWrites())
        UnsafeMutableRawPointer(file).initializeMemory(
            as: LogFile.self,
            to: LogFile(file: sqlite3_file(pMethods: methods), descriptor: descriptor, writes: writes))
        return code
    }

    /// - Parameter file: Any journal; what is no log is left alone.
    static func endTransaction(_ file: UnsafeMutablePointer<sqlite3_file>?) {
        guard let file, file.pointee.pMethods == methods else { return }
        log(file).pointee.writes.pointee.endTransaction()
    }

    /// - Parameter file: Any journal; what is no log is not shortened.
    static func isShortened(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Bool {
        guard let file, file.pointee.pMethods == methods else { return false }
        return log(file).pointee.isShortened
    }

    /// What was gathered and not written belongs to no commit.
    private static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        let writes = log(file).pointee.writes
        writes.deinitialize(count: 1)
        writes.deallocate()
        _ = Glibc.close(log(file).pointee.descriptor)
        return passed(file) { own, methods in methods.xClose(own) }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int64, to file: UnsafeMutablePointer<sqlite3_file>?
    ) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        return log(file).pointee.writes.pointee.write(bytes, at: offset) { writeOwn($0, $1, to: file) }
    }

    /// Calls SQLite's own file, after what was gathered has been written.
    private static func settled(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ body: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) -> Int32
    ) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        let code = log(file).pointee.writes.pointee.flush { writeOwn($0, $1, to: file) }
        return code == SQLITE_OK ? passed(file, body) : code
    }

    /// Writes nothing behind the end: who reads the hole before it would take it for orders.
    private static func writeOwn(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int64, to file: UnsafeMutablePointer<sqlite3_file>
    ) -> Int32 {
        guard let size = FileIdentity.size(ofOpenFile: log(file).pointee.descriptor) else { return SQLITE_IOERR }
        guard size >= offset else {
            log(file).pointee.isShortened = true
            return SQLITE_CORRUPT
        }
        return passed(file) { own, methods in methods.xWrite(own, bytes.baseAddress, Int32(bytes.count), offset) }
    }

    /// Calls SQLite's own file.
    private static func passed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ body: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) -> Int32
    ) -> Int32 {
        guard let file, let methods = own(file).pointee.pMethods else { return SQLITE_MISUSE }
        return body(own(file), methods.pointee)
    }

    private static func log(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<LogFile> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: LogFile.self)
    }

    private static func own(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        (UnsafeMutableRawPointer(file) + size).assumingMemoryBound(to: sqlite3_file.self)
    }
}
