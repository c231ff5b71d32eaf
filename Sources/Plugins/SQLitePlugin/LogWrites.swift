internal import CSQLite

/// What a connection adds to the write-ahead log, gathered until a commit is whole.
///
/// SQLite writes each page of a commit by two system calls: the 24 bytes of its header, then the page. Gathered, a
/// commit is one. The header of its last page tells that it is the last (SQLite's file format, section 4.1), and that
/// page's write returns what became of all of them: nothing of a commit is still here when SQLite goes on and lets
/// others see it. Only what comes behind the end of the log is gathered. All else is written at once, and after what
/// was gathered before. What a transaction leaves that is rolled back is dropped with it: where it belonged, another
/// connection may write soon.
struct LogWrites {
    /// Writes bytes at an offset. Returns SQLite's code.
    typealias Write = (_ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> Int32

    /// Bytes of the header of a page in the log.
    private static let headerSize = 24
    /// Bytes from which on they are written before the commit is whole: with another page, which has 64 KiB at most,
    /// they are still fewer than the 128 KiB that SQLite's own file takes at once.
    private static let limit = 60 << 10

    private var bytes: [UInt8] = []
    /// Offset of the first of the gathered bytes.
    private var start: Int64 = 0
    /// Where the log ends, as far as this transaction has written it.
    private var end: Int64 = 0
    /// Whether the gathered bytes end with the header of a page, and whether that page is the last of a commit.
    private var header: (isThere: Bool, isLast: Bool) = (false, false)
    /// Why something of the transaction could not be written. What comes behind it fails too.
    private var failure: Int32?

    mutating func write(_ new: UnsafeRawBufferPointer, at offset: Int64, _ write: Write) -> Int32 {
        if let failure { return failure }
        let isNext = !bytes.isEmpty && offset == start + Int64(bytes.count)
        if !isNext {
            let code = flush(write)
            guard code == SQLITE_OK else { return code }
        }
        if isNext && header.isThere {
            gather(new, at: offset)
            let isWhole = header.isLast || bytes.count >= Self.limit
            header = (false, false)
            return isWhole ? flush(write) : SQLITE_OK
        }
        if new.count == Self.headerSize, offset >= end {
            gather(new, at: offset)
            header = (true, new[4..<8].contains { $0 != 0 })
            return SQLITE_OK
        }
        let code = flush(write)
        guard code == SQLITE_OK else { return code }
        end = offset == 0 ? Int64(new.count) : max(end, offset + Int64(new.count))
        return write(new, offset)
    }

    /// Writes what was gathered.
    mutating func flush(_ write: Write) -> Int32 {
        guard !bytes.isEmpty else { return SQLITE_OK }
        let code = bytes.withUnsafeBytes { write($0, start) }
        if code != SQLITE_OK { failure = code }
        drop()
        return code
    }

    /// Forgets what a transaction gathered that is over, and that something of it could not be written.
    mutating func endTransaction() {
        drop()
        end = 0
        failure = nil
    }

    private mutating func drop() {
        bytes.removeAll(keepingCapacity: true)
        header = (false, false)
    }

    private mutating func gather(_ new: UnsafeRawBufferPointer, at offset: Int64) {
        if bytes.isEmpty { start = offset }
        bytes.append(contentsOf: new)
        end = max(end, offset + Int64(new.count))
    }
}
