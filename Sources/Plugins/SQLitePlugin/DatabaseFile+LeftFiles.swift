internal import Glibc
internal import OrderKernel

// What a process that ended, or an operator, has left beside the database: SQLite takes it as it finds it, and would
// destroy orders where it does not belong together.
extension DatabaseFile {
    /// Bytes of a log in which nothing was written yet. Source: SQLite's file format, section 4.1.
    static let logHeader = 32
    /// Where in the memory that connections share each of them has a lock. Source: SQLite's `os_unix.c`.
    private static let useLock: off_t = 128

    /// - Throws: Where SQLite would remove the log of a database that is missing, or processes would use two logs.
    func checkLeftFiles() throws(PluginError) {
        if sizeOfLog > Self.logHeader, status(of: realPath)?.st_size ?? 0 == 0 {
            throw PluginError(
                """
                \(path) is missing or empty, and its write-ahead log \(realPath)-wal has orders: put the database back \
                beside it, or move the log away.
                """)
        }
        // Whoever opens it makes the log before the memory, and removes it after that: a second look tells the two
        // apart.
        if status(of: "\(realPath)-wal") == nil, isInUse, status(of: "\(realPath)-wal") == nil {
            throw PluginError(
                """
                \(realPath)-wal was removed while another process uses \(path): end that process, which saves what it \
                can, then start again.
                """)
        }
    }

    /// Whether the database was changed after its log, with nobody who uses it: by the last that did, before it ended,
    /// or by somebody who put another file in its place.
    var mayBeOfAnotherLog: Bool {
        guard sizeOfLog > Self.logHeader, let log = status(of: "\(realPath)-wal"), let database = status(of: realPath)
        else { return false }
        // A copy has new times, a file that is renamed or given away has one of them.
        let isNewer = [(database.st_ctim, log.st_ctim), (database.st_mtim, log.st_mtim)].contains { changed, logged in
            (changed.tv_sec, changed.tv_nsec) >= (logged.tv_sec, logged.tv_nsec)
        }
        return isNewer && !isInUse
    }

    /// Whether hard links lead to the file: under each name, SQLite keeps a log of its own.
    var hasOtherNames: Bool { status(of: realPath).map { $0.st_nlink > 1 } ?? false }

    /// Whether there is a log that has orders, or may have.
    var hasLog: Bool { sizeOfLog > 0 }

    /// Compares the database with its log, over a connection that leaves both as they are.
    /// - Throws: Where they do not belong together, or one of them is damaged.
    func checkFit() throws {
        let connection = try connect(cache: .mebibytes(12))
        defer {
            connection.leaveFiles()
            connection.close()
        }
        guard let fault = try connection.fault(in: "main") ?? connection.faultOfLog() else { return }
        throw PluginError(
            """
            \(path) does not fit its write-ahead log: \(fault). If it was restored from a copy, move \
            \(realPath)-wal and \(realPath)-shm away, and start again; if not, keep all of them: the log has the \
            newest orders (docs/guide/backup.md).
            """)
    }

    private var sizeOfLog: Int { Int(status(of: "\(realPath)-wal")?.st_size ?? 0) }

    /// Whether another process has the database open. Not to be asked by one that has it open itself: closing the file
    /// ends the locks of all of its connections.
    private var isInUse: Bool {
        let descriptor = open("\(realPath)-shm", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = Self.useLock
        lock.l_len = 1
        return fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }

    /// The file itself, wherever links lead to it, there or not; the others are beside it.
    var realPath: String {
        var path = path
        for _ in 0..<40 {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)  // which leaves room for the end of the text
            guard readlink(path, &target, Int(PATH_MAX)) > 0 else { break }
            let name = target.withUnsafeBufferPointer { text in text.baseAddress.map { String(cString: $0) } ?? "" }
            let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            path = name.hasPrefix("/") ? name : directory + name
        }
        return path
    }

    private func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}

extension Connection {
    /// What SQLite finds wrong with a database; `nil` where all is well.
    fileprivate func fault(in schema: String) throws(SQLiteFailure) -> String? {
        let check = try prepare("PRAGMA \(schema).integrity_check(1)")
        defer { check.reset() }
        guard try check.step(), let faults = check.text(0), faults != "ok" else { return nil }
        return faults.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// What the database has without its log, and not with it: a log that holds all of another database hides this one,
    /// and both are sound. Orders stay, and their revisions grow.
    ///
    /// Where somebody was killed during a checkpoint, or the disk was full, the file alone is most often no database:
    /// not even its schema may be read.
    fileprivate func faultOfLog() throws(SQLiteFailure) -> String? {
        let attach = try prepare("ATTACH ?1 AS alone")
        let path = [("%", "%25"), ("?", "%3f"), ("#", "%23")].reduce(filePath) { $0.replacing($1.0, with: $1.1) }
        try attach.bind("file:\(path)?immutable=1", at: 1)
        guard (try? attach.run()) != nil, (try? fault(in: "alone")) == .some(nil),
            let lost = try? prepare(Self.lostOrder)
        else { return nil }
        defer { lost.reset() }
        return (try? lost.step()) == true
            ? "with the log, order \(lost.integer(0)) is gone, or older than without it" : nil
    }

    private static let lostOrder = """
        SELECT old.id FROM alone.orders AS old LEFT JOIN main.orders AS new ON new.id = old.id \
        WHERE new.id IS NULL OR new.created_at <> old.created_at OR new.revision < old.revision LIMIT 1
        """
}
