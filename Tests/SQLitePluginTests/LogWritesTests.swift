import CSQLite
import OrderKernel
import Testing

@testable import SQLitePlugin

/// Writes of one connection, on a file that keeps what it is given and may have no room.
private final class LogUnderTest {
    static let page = [UInt8](repeating: 7, count: 4_096)

    private(set) var written: [(offset: Int64, count: Int)] = []
    var code = SQLITE_OK
    private var writes = LogWrites()

    func write(_ bytes: [UInt8], at offset: Int64) -> Int32 {
        bytes.withUnsafeBytes { writes.write($0, at: offset, take) }
    }

    /// Writes pages one behind the other, as SQLite does, the last of them as the last of a commit.
    func commit(_ pages: Int, at offset: Int64) -> [Int32] {
        (0..<pages).flatMap { page(at: offset + Int64($0) * 4_120, isLast: $0 == pages - 1) }
    }

    func page(at offset: Int64, isLast: Bool = false) -> [Int32] {
        var header = [UInt8](repeating: 0, count: 24)
        header[7] = isLast ? 9 : 0
        return [write(header, at: offset), write(Self.page, at: offset + 24)]
    }

    func flush() -> Int32 { writes.flush(take) }
    func endTransaction() { writes.endTransaction() }

    private func take(_ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> Int32 {
        written.append((offset, bytes.count))
        return code
    }
}

@Suite("Writes of the log")
struct LogWritesTests {
    private let log = LogUnderTest()

    private var written: [String] { log.written.map { "\($0.count) at \($0.offset)" } }

    @Test("a commit is written at once, with its last page")
    func commit() {
        #expect(log.write([UInt8](repeating: 1, count: 32), at: 0) == SQLITE_OK)
        #expect(log.commit(3, at: 32) == Array(repeating: SQLITE_OK, count: 6))
        #expect(written == ["32 at 0", "12360 at 32"])
        _ = log.commit(1, at: 12_392)
        #expect(written.last == "4120 at 12392")
    }

    @Test("the writing of the last page says that the commit could not be written, and the next may try again")
    func noRoom() {
        log.code = SQLITE_FULL
        #expect(log.commit(2, at: 32) == [SQLITE_OK, SQLITE_OK, SQLITE_OK, SQLITE_FULL])
        #expect(log.page(at: 8_272) == [SQLITE_FULL, SQLITE_FULL], "nothing behind what is missing")
        log.code = SQLITE_OK
        log.endTransaction()
        #expect(log.commit(2, at: 4_152).allSatisfy { $0 == SQLITE_OK }, "wherever others have written since")
        #expect(written == ["8240 at 32", "8240 at 4152"])
    }

    @Test("what was gathered for a transaction that is taken back is never written")
    func takenBack() {
        _ = log.page(at: 32)
        log.endTransaction()
        #expect(log.flush() == SQLITE_OK)
        #expect(log.commit(1, at: 8_272) == [SQLITE_OK, SQLITE_OK])
        #expect(written == ["4120 at 8272"])
    }

    @Test("a large commit is written in pieces that SQLite's own file takes")
    func large() {
        #expect(log.commit(40, at: 32).allSatisfy { $0 == SQLITE_OK })
        #expect(log.written.count == 3)
        #expect(log.written.map(\.count).reduce(0, +) == 40 * 4_120)
        #expect(log.written.allSatisfy { $0.count < 128 << 10 })
    }

    @Test("what is written again is written at once, and after what was gathered")
    func again() {
        _ = log.page(at: 32)
        _ = log.page(at: 4_152)
        #expect(written == [])
        #expect(log.write([UInt8](repeating: 0, count: 24), at: 32) == SQLITE_OK)  // a header with another checksum
        #expect(written == ["8240 at 32", "24 at 32"])
        _ = log.page(at: 8_272, isLast: true)
        #expect(written.last == "4120 at 8272")
    }

    @Test("a log that begins anew is gathered anew, and nothing before that")
    func anew() {
        _ = log.commit(5, at: 32)
        _ = log.commit(1, at: 32)  // another process has begun the log anew
        #expect(written.suffix(2) == ["24 at 32", "4096 at 56"])
        _ = log.write([UInt8](repeating: 1, count: 32), at: 0)
        _ = log.commit(2, at: 32)
        #expect(written.suffix(2) == ["32 at 0", "8240 at 32"])
    }

    @Test("what is read or synchronised has been written")
    func flush() {
        _ = log.page(at: 32)
        #expect(log.flush() == SQLITE_OK)
        #expect(written == ["4120 at 32"])
        #expect(log.flush() == SQLITE_OK)
        #expect(written.count == 1)
    }

    @Test("SQLite finds all that it has written: spilled, rolled back, written again, begun anew")
    func transactions() throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        let writer = try fixture.otherConnection()
        let reader = try fixture.otherConnection()
        defer {
            reader.close()
            writer.close()
        }
        try writer.execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA cache_size = 10;
            PRAGMA wal_autocheckpoint = 100;
            CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT);
            CREATE INDEX texts ON kept (text);
            """)
        let texts = try writer.prepare("INSERT INTO kept (text) VALUES (hex(randomblob(100)))")
        var random = SystemRandomNumberGenerator()
        var kept = 0
        for _ in 0..<200 {
            try writer.execute("BEGIN IMMEDIATE")
            let first = Int.random(in: 0...60, using: &random)
            for _ in 0..<first { try texts.run() }
            try writer.execute("SAVEPOINT half; UPDATE kept SET text = text || 'x' WHERE id % 7 = 1")
            let second = Int.random(in: 0...60, using: &random)
            for _ in 0..<second { try texts.run() }
            let (takesBack, isKept) = (Bool.random(using: &random), Bool.random(using: &random))
            if takesBack { try writer.execute("ROLLBACK TO half") }
            try writer.execute(isKept ? "COMMIT" : "ROLLBACK")
            if isKept { kept += first + (takesBack ? 0 : second) }
            #expect(try fixture.count(reader, "SELECT count(*) FROM kept") == kept)
        }
        #expect(kept > 0)
        let wellWords = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"
        #expect(try fixture.count(reader, wellWords) == 1)
    }
}

extension SQLiteFixture {
    fileprivate func count(_ connection: Connection, _ sql: String) throws -> Int {
        let statement = try connection.prepare(sql)
        defer { statement.reset() }
        return try statement.step() ? Int(statement.integer(0)) : -1
    }
}
