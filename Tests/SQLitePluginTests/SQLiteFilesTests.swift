import CSQLite
import Foundation
import Glibc
import OrderKernel
import Testing

@testable import SQLitePlugin

/// What becomes of a database whose files somebody removes, replaces or damages.
@Suite("Files of SQLite that belong together")
struct SQLiteFilesTests {
    private let fixture = SQLiteFixture()

    @Test("where what processes share beside the file was replaced, nothing is stored, and what others store is kept")
    func memoryReplaced() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            _ = try await storage.create(1)
            unlink(fixture.path + "-shm")
            let other = try fixture.otherConnection()
            try other.execute("UPDATE orders SET quantity = 7")
            let refusal = await #expect(throws: StorageError.self) { try await storage.create(1) }
            #expect(refusal?.kind == .unavailable && refusal?.code == "cannot_open")
            #expect(refusal?.detail.contains("-shm was removed, or another is in its place") == true)
            #expect(context.state == .unavailable("cannot_open"))
            other.leaveFiles()
            other.close()
        }
        let orders = try await fixture.running { storage, _ in
            try await storage.orders(OrderQuery(limit: 9), before: .now + .seconds(60))
        }
        #expect(orders.map(\.quantity) == [7])
    }

    @Test(
        "orders in a log that is removed are saved, though nothing more is asked, or only read",
        arguments: [["-wal"], ["-wal", "-shm"]], [false, true])
    func logRemoved(files: [String], isRead: Bool) async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, _ in
            _ = try await storage.create(100)
            for name in files { unlink(fixture.path + name) }
            if isRead {
                // A new connection would make a log of its own.
                await #expect(throws: StorageError.self) { try await storage.allIDs() }
                #expect(access(fixture.path + "-wal", F_OK) != 0)
            }
        }
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() }.count == 100)
    }

    @Test("where the file was emptied, its log is left, whether somebody reads or not", arguments: [false, true])
    func emptied(isRead: Bool) async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            _ = try await storage.create(3)
            try #require(truncate(fixture.path, 0) == 0)
            if isRead { await #expect(throws: StorageError.self) { try await storage.allIDs() } }
            while context.state == .ready { try await Task.sleep(for: .milliseconds(10)) }
            #expect(context.state == .unavailable("cannot_open"))
        }
        #expect(await fixture.startError()?.contains("is missing or empty, and its write-ahead log") == true)
    }

    @Test("SQLite itself may not remove the log of a file that was emptied")
    func emptiedBeforeOpening() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, _ in
            _ = try await storage.create(3)
            try #require(truncate(fixture.path, 0) == 0)
            let other = try fixture.otherConnection()
            defer { other.close() }
            #expect(throws: SQLiteFailure.self) { try other.execute("SELECT count(*) FROM sqlite_schema") }
            #expect(size(of: fixture.path + "-wal") > 0)
            other.leaveFiles()
        }
    }

    @Test("a log that somebody has shortened takes nothing more, and does not go into the file", arguments: [0, 5_000])
    func shortened(to length: Int) async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, _ in _ = try await storage.create(10) }
        try await fixture.running { storage, context in
            for _ in 0..<10 { _ = try await storage.create(100) }
            try #require(truncate(fixture.path + "-wal", length) == 0)
            // The first may fail as the writer cannot read what was there.
            await #expect(throws: StorageError.self) { try await storage.create(1) }
            let refusal = await #expect(throws: StorageError.self) { try await storage.create(1) }
            #expect(refusal?.kind == .unavailable && refusal?.code == "corrupt")
            #expect(refusal?.detail.contains("the write-ahead log was shortened") == true)
            #expect(context.state == .unavailable("corrupt"))
        }
        #expect(size(of: fixture.path + "-wal") == length)
    }

    @Test("a link that leads to another file meanwhile changes nothing")
    func movedLink() async throws {
        defer { fixture.remove() }
        let link = fixture.folder + "/link.db"
        defer { unlink(link) }
        try #require(symlink(fixture.path, link) == 0)
        try await fixture.running(at: link) { storage, context in
            _ = try await storage.create(1)
            unlink(link)
            try #require(symlink(fixture.folder + "/other.db", link) == 0)
            #expect(try await storage.allIDs() == [1])
            #expect(try await storage.create(1) == [2])
            #expect(context.state == .ready)
        }
    }

    @Test("a service that is asked for nothing notices that its log is gone")
    func noticedWhileIdle() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            _ = try await storage.create(1)
            unlink(fixture.path + "-wal")
            while context.state == .ready { try await Task.sleep(for: .milliseconds(10)) }
            #expect(context.state == .unavailable("io_error"))
        }
    }

    @Test("once SQLite has found the file damaged, nothing more is stored")
    func damage() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            _ = try await storage.create(2_000)
            truncate(fixture.path + "-wal", 0)
            var code: String?
            while code != "corrupt" {
                do throws(StorageError) { _ = try await storage.allIDs() } catch { code = error.code }
                do throws(StorageError) { _ = try await storage.create(100) } catch { code = error.code }
            }
            let refusal = await #expect(throws: StorageError.self) { try await storage.create(1) }
            #expect(refusal?.kind == .unavailable && refusal?.code == "corrupt")
            #expect(context.state == .unavailable("corrupt"))
        }
    }

    @Test("a log whose database is missing, or empty, is left alone")
    func logAlone() async throws {
        defer { fixture.remove() }
        try leaveLog()
        let log = size(of: fixture.path + "-wal")
        rename(fixture.path, fixture.path + "-away")
        for isEmpty in [false, true] {
            if isEmpty { write("", to: fixture.path) }
            #expect(await fixture.startError()?.contains("is missing or empty, and its write-ahead log") == true)
            #expect(size(of: fixture.path + "-wal") == log)
        }
        unlink(fixture.path)
        let link = fixture.folder + "/link.db"
        symlink("orders.db", link)
        #expect(await fixture.startError(at: link)?.contains("is missing or empty") == true)
        unlink(link)
        rename(fixture.path + "-away", fixture.path)
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() }.count == 3_000)
    }

    @Test("a copy in the place of a database whose log is there is noticed, and neither is changed")
    func copyBesideLog() async throws {
        defer { fixture.remove() }
        _ = try await fixture.running { storage, _ in try await storage.create(10) }
        let copy = try #require(FileManager.default.contents(atPath: fixture.path))
        _ = try await fixture.running { storage, _ in try await storage.create(3_000) }
        try leaveLog()
        let log = size(of: fixture.path + "-wal")
        try copy.write(to: URL(filePath: fixture.path))
        let error = await fixture.startError()
        #expect(error?.contains("does not fit its write-ahead log") == true, "\(error ?? "it started")")
        #expect(error?.contains("-wal and ") == true)
        #expect(size(of: fixture.path + "-wal") == log)
        #expect(FileManager.default.contents(atPath: fixture.path) == copy)
        for name in ["-wal", "-shm"] { unlink(fixture.path + name) }
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() }.count == 10)
    }

    @Test("a log that holds all of another database is no log of a copy in its place", arguments: [false, true])
    func copyBesideWholeLog(isOlder: Bool) async throws {
        defer { fixture.remove() }
        if isOlder {
            try leaveLog(orders: 2)
            for name in ["-wal", "-shm"] { rename(fixture.path + name, fixture.path + name + "-old") }
            unlink(fixture.path)
        }
        _ = try await fixture.running { storage, _ in try await storage.create(isOlder ? 3 : 3_000) }
        let copy = try #require(FileManager.default.contents(atPath: fixture.path))
        if isOlder {
            for name in ["-wal", "-shm"] { rename(fixture.path + name + "-old", fixture.path + name) }
        } else {
            unlink(fixture.path)
            try leaveLog(orders: 1)
        }
        try copy.write(to: URL(filePath: fixture.path))
        let error = await fixture.startError()
        #expect(error?.contains("does not fit its write-ahead log: with the log, order ") == true, "\(error ?? "none")")
        #expect(FileManager.default.contents(atPath: fixture.path) == copy)
        for name in ["-wal", "-shm"] { unlink(fixture.path + name) }
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() }.count == (isOlder ? 3 : 3_000))
    }

    @Test("a database whose checkpoint ended half-way is opened", arguments: [1, 4_000])
    func checkpointedInPart(orders: Int) async throws {
        defer { fixture.remove() }
        _ = try await fixture.running { storage, _ in try await storage.create(2_000) }
        try leaveLog(orders: orders, isCheckpointed: true)
        let earlier = Date(timeIntervalSinceNow: -60)
        try FileManager.default.setAttributes([.modificationDate: earlier], ofItemAtPath: fixture.path + "-wal")
        #expect(fixture.file.mayBeOfAnotherLog)
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() }.count == 2_000 + orders)
    }

    @Test("a database whose checkpoint ended behind the first page is opened")
    func cutCheckpoint() async throws {
        defer { fixture.remove() }
        try leaveLog()
        let log = try #require(FileManager.default.contents(atPath: fixture.path + "-wal"))
        // Frames of 24 bytes and a page, behind a header; the first four bytes are the page's number.
        let pageSize = log[8..<12].reduce(0) { $0 << 8 | Int($1) }
        let frames = Array(stride(from: 32, to: log.count, by: 24 + pageSize))
        let last = try #require(frames.last { log[$0..<$0 + 4].elementsEqual([0, 0, 0, 1]) })
        var database = try #require(FileManager.default.contents(atPath: fixture.path))
        database.replaceSubrange(0..<pageSize, with: log[last + 24..<last + 24 + pageSize])
        put(database, over: fixture.path)
        #expect(fixture.file.mayBeOfAnotherLog)
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() }.count == 3_000)
    }

    @Test("a database that another is copied over is noticed, and neither it nor the log is changed")
    func overwritten() async throws {
        defer { fixture.remove() }
        _ = try await fixture.running { storage, _ in try await storage.create(10) }
        let copy = try #require(FileManager.default.contents(atPath: fixture.path))
        _ = try await fixture.running { storage, _ in try await storage.create(3_000) }
        try await fixture.running { storage, context in
            _ = try await storage.create(1)
            put(copy, over: fixture.path)
            let refusal = await #expect(throws: StorageError.self) { try await storage.create(1) }
            #expect(refusal?.code == "cannot_open" && refusal?.detail.contains("orders.db was removed, or ") == true)
            #expect(context.state == .unavailable("cannot_open"))
        }
        #expect(FileManager.default.contents(atPath: fixture.path) == copy)
        #expect(size(of: fixture.path + "-wal") > 0)
    }

    /// As `cp` does: the file stays the same one.
    private func put(_ bytes: Data, over path: String) {
        let descriptor = open(path, O_WRONLY | O_TRUNC)
        defer { close(descriptor) }
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Leaves new orders in the log alone, or some of them, as a process does that is killed.
    /// - Parameter isCheckpointed: Whether some of them are in the database too: those that no reader held back.
    private func leaveLog(orders: Int = 3_000, isCheckpointed: Bool = false) throws {
        let reader = isCheckpointed ? try fixture.otherConnection() : nil
        defer { reader?.close() }
        let writer = try OrderWriter.open(fixture.file, commits: DurableCommits())
        let draft = OrderDraft(customerID: "cust_1", woodType: "oak", quantity: 5)
        for first in stride(from: 0, to: orders, by: 1_000) {
            let writes = [Write](repeating: .create(draft, key: nil), count: min(1_000, orders - first))
            _ = try writer.commit(
                WriteBatch(writes: writes, time: SystemTime().date, deadline: .now + .seconds(60), rules: .standard))
            if first == 0 { try reader?.execute("BEGIN; SELECT 1 FROM orders LIMIT 1") }
        }
        writer.connection.leaveFiles()
        reader?.leaveFiles()
        if isCheckpointed { _ = try writer.connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE) }
        writer.connection.close()
    }
}
