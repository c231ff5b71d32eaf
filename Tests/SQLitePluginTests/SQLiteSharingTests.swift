import Logging
import OrderKernel
import Testing

@testable import SQLitePlugin

@Suite("SQLite storages that share a file")
struct SQLiteSharingTests {
    private let fixture = SQLiteFixture()

    @Test("two that write at the same time give no id twice, and lose nothing")
    func ids() async throws {
        defer { fixture.remove() }
        let ids = try await fixture.running { first, _ in
            try await fixture.running { second, _ in
                async let ofFirst = write(batches: 40, of: 64, to: first)
                async let ofSecond = write(batches: 80, of: 1, to: second)
                let ids = try await ofFirst + ofSecond
                #expect(try await second.allIDs() == ids.sorted())
                return ids
            }
        }
        #expect(ids.count == 40 * 64 + 80)
        #expect(Set(ids).count == ids.count)
    }

    @Test("two that open a new file at the same time both get it")
    func bothOpen() async throws {
        defer { fixture.remove() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask { try await fixture.running { storage, _ in _ = try await storage.create(1) } }
            }
            try await tasks.waitForAll()
        }
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() } == [1, 2, 3, 4])
    }

    @Test("one sees what the other has committed")
    func reads() async throws {
        defer { fixture.remove() }
        try await fixture.running { first, _ in
            try await fixture.running { second, _ in
                for number in 1...10 {
                    let created = try await first.create(1)
                    #expect(created == [Order.ID(number)])
                    let seen = try await second.allIDs()
                    #expect(seen.last == Order.ID(number))
                }
            }
        }
    }

    @Test("what a batch spilled that was taken back is not written over what the other has committed since")
    func takenBack() throws {
        defer { fixture.remove() }
        let file = DatabaseFile(path: fixture.path, synchronous: .full, busyTimeout: .seconds(60), time: SystemTime())
        let writer = try OrderWriter.open(file, commits: DurableCommits())
        defer { writer.close() }
        try writer.connection.execute("PRAGMA cache_size = 10")
        let other = try fixture.otherConnection()
        defer { other.close() }
        try other.execute(
            """
            CREATE TRIGGER refusal BEFORE INSERT ON orders WHEN new.quantity = 7 BEGIN SELECT RAISE(ABORT, 'no'); END;
            CREATE TABLE blanks (bytes BLOB);
            """)
        // Of some of them a part is still gathered at the end.
        for count in 1_000..<1_010 {
            #expect(throws: SQLiteFailure.self) {
                try writer.commit(batch(quantities: Array(repeating: 5, count: count) + [7]))
            }
            try other.execute("INSERT INTO blanks VALUES (zeroblob(1048576))")
            try writer.tryOut()
            let reader = try fixture.otherConnection()
            defer { reader.close() }
            let spoilt = try reader.prepare("SELECT count(*) FROM blanks WHERE bytes <> zeroblob(1048576)")
            #expect(try spoilt.step() && spoilt.integer(0) == 0)
            try other.execute("DELETE FROM blanks")
        }
    }

    @Test(
        "nothing is acknowledged that a trigger of the database leaves out",
        arguments: ["INSERT ON orders", "UPDATE ON orders", "INSERT ON idempotency_keys"])
    func leftOut(event: String) async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, _ in
            _ = try await storage.create(1)
            let other = try fixture.otherConnection()
            defer { other.close() }
            try other.execute("CREATE TRIGGER refusal BEFORE \(event) BEGIN SELECT RAISE(IGNORE); END")
            let draft = OrderDraft(customerID: "c", woodType: "oak", quantity: 5)
            let writes: [Write] = [
                .create(draft, key: IdempotencyKey(principal: "", text: "k")), .update(1, OrderChange(status: .ready)),
            ]
            let batch = WriteBatch(
                writes: writes, time: SystemTime().date, deadline: .now + .seconds(60), rules: .standard)
            let refusal = await #expect(throws: StorageError.self) { try await storage.commit(batch) }
            #expect(refusal?.kind == .failed && refusal?.detail.contains("left out a row") == true)
            #expect(try await storage.allIDs() == [1])
            #expect(try await storage.order(1, before: .now + .seconds(60))?.status == .registered)
        }
    }

    @Test("a trial of whether commits are possible touches no table of others")
    func trial() throws {
        defer { fixture.remove() }
        let writer = try OrderWriter.open(fixture.file, commits: DurableCommits())
        defer { writer.close() }
        try writer.connection.execute("CREATE TABLE room (name TEXT, floor INT); INSERT INTO room VALUES ('a', 1)")
        let tables = try writer.connection.prepare(
            "SELECT (SELECT count(*) FROM sqlite_schema), (SELECT count(*) FROM room)")
        func counts() throws -> [Int64] {
            defer { tables.reset() }
            _ = try tables.step()
            return [tables.integer(0), tables.integer(1)]
        }
        let before = try counts()
        try writer.tryOut()
        #expect(try counts() == before)
    }

    @Test("the write-ahead log stays bounded while two write and others read, and is gone at the end")
    func boundedLog() async throws {
        defer { fixture.remove() }
        let limit = ByteCount.mebibytes(1)
        var file = DatabaseFile(path: fixture.path, synchronous: .full, busyTimeout: .seconds(60), time: SystemTime())
        file.logLimit = limit
        let logger = Logger(label: "sqlite")
        let first = try await Database.open(file, readers: 2, logger: logger)
        let second = try await Database.open(file, readers: 2, logger: logger)
        async let ofFirst: Void = commit(batches: 200, of: 500, to: first)
        async let ofSecond: Void = commit(batches: 200, of: 64, to: second)
        let hasEnded = Latch()
        async let largest = {
            var largest = 0
            while !hasEnded.isOpen {
                _ = try await second.orders(OrderQuery(limit: 1_000), before: .now + .seconds(60))
                largest = max(largest, size(of: fixture.path + "-wal"))
                await Task.yield()
            }
            return largest
        }()
        try await ofFirst
        try await ofSecond
        hasEnded.open()
        let bytes = try await largest
        #expect(bytes > limit.bytes / 4 && bytes < 2 * limit.bytes, "\(bytes) bytes")
        await first.close()
        await second.close()
        #expect(size(of: fixture.path + "-wal") == 0)
    }

    private func commit(batches: Int, of count: Int, to database: Database) async throws {
        for _ in 0..<batches { _ = try await database.commit(batch(quantities: Array(repeating: 5, count: count))) }
    }

    private func batch(quantities: [Int]) -> WriteBatch {
        let writes = quantities.map {
            Write.create(OrderDraft(customerID: "c", woodType: "oak", quantity: $0), key: nil)
        }
        return WriteBatch(writes: writes, time: SystemTime().date, deadline: .now + .seconds(60), rules: .standard)
    }

    private func write(batches: Int, of count: Int, to storage: SQLiteStorage) async throws -> [Order.ID] {
        var ids: [Order.ID] = []
        for _ in 0..<batches { ids += try await storage.create(count) }
        return ids
    }
}
