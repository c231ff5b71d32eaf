import Glibc
import Logging
import OrderKernel
import SchemaSteps
import Testing

@testable import SQLitePlugin

@Suite("SQLite storage start")
struct SQLiteStartTests {
    private let fixture = SQLiteFixture()

    @Test("a directory that does not exist is named")
    func missingDirectory() async {
        defer { fixture.remove() }
        let path = fixture.folder + "/nowhere/orders.db"
        let error = await fixture.startError(at: path)
        #expect(error == "The directory of \(path) does not exist; create it, or change `path`.")
    }

    @Test("a link into a directory that does not exist is told with both ends, one in a circle as such")
    func brokenLinks() async {
        defer { fixture.remove() }
        let link = fixture.folder + "/link.db"
        let context = PluginContext.standalone("sqlite", logger: .init(label: "sqlite"), time: SystemTime())
        for (target, told) in [
            ("nowhere/orders.db", "The directory of \(fixture.folder)/nowhere/orders.db, to which \(link)"),
            ("link.db", "\(link) is a symbolic link that leads back to itself; change `path`."),
        ] {
            symlink(target, link)
            #expect(await fixture.startError(at: link)?.hasPrefix(told) == true)
            await #expect(throws: PluginError.self) {
                try await fixture.storage(at: link, context: context).schema(.inspect)
            }
            unlink(link)
        }
    }

    @Test("a file that is no database is named, and left as it is")
    func noDatabase() async throws {
        defer { fixture.remove() }
        let text = String(repeating: "id,customer_id\n", count: 100)
        write(text, to: fixture.path)
        #expect(await fixture.startError() == "\(fixture.path) is no SQLite database.")
        #expect(size(of: fixture.path) == text.utf8.count)
    }

    @Test("a link to a database is that database, with the log and the turnstile beside the file itself")
    func link() async throws {
        defer { fixture.remove() }
        let link = fixture.folder + "/link.db"
        symlink("orders.db", link)
        defer { unlink(link) }
        try await fixture.running(at: link) { storage, _ in
            #expect(try await storage.create(1) == [1])
            try await storage.flush()
            #expect(size(of: fixture.path + "-wal") > 0)
            #expect(access(fixture.path + "-turn", F_OK) == 0)
            #expect(access(link + "-turn", F_OK) != 0)
        }
    }

    @Test("the turnstile is for the same users as the database, whatever the process masks")
    func rights() async throws {
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        chmod(fixture.path, 0o660)
        chmod(fixture.path + "-turn", 0o600)
        try await fixture.running { _, _ in }
        var status = stat()
        #expect(stat(fixture.path + "-turn", &status) == 0 && status.st_mode & 0o777 == 0o660)
    }

    @Test("a database that another process keeps locked is named")
    func locked() async throws {
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        let other = try fixture.otherConnection()
        defer { other.close() }
        try other.execute("BEGIN IMMEDIATE")
        let error = await fixture.startError("busy_timeout: 20ms")
        #expect(error == "\(fixture.path) is locked by another process; gave up after 20ms.")
    }

    @Test("what the system says of a file that cannot be opened is told")
    func systemError() async {
        defer { fixture.remove() }
        let path = fixture.folder + "/" + String(repeating: "x", count: 300)
        #expect(
            await fixture.startError(at: path)
                == "\(path) cannot be opened: unable to open database file: File name too long (14).")
    }

    @Test("a directory in the place of the file is named")
    func directory() async {
        defer { fixture.remove() }
        #expect(
            await fixture.startError(at: fixture.folder)
                == "\(fixture.folder) is a directory; name a file in it.")
    }

    @Test("what is no regular file is named, and not opened", arguments: ["pipe", "null"])
    func special(name: String) async {
        defer { fixture.remove() }
        let path = name == "pipe" ? fixture.folder + "/pipe" : "/dev/null"
        if name == "pipe" { mkfifo(path, 0o600) }
        #expect(
            await fixture.startError(at: path)
                == "\(path) is no regular file, which a database has to be; change `path`.")
    }

    @Test("a start that waits for a lock ends at once when it is cancelled")
    func cancelledWait() async throws {
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        let other = try fixture.otherConnection()
        defer { other.close() }
        try other.execute("BEGIN IMMEDIATE")
        unlink(fixture.path + "-turn")
        let context = PluginContext.standalone("sqlite", logger: .init(label: "sqlite"), time: SystemTime())
        let storage = try fixture.storage("busy_timeout: 60s", context: context)
        await withTaskGroup { tasks in
            tasks.addTask { await #expect(throws: CancellationError.self) { try await storage.run() } }
            while access(fixture.path + "-turn", F_OK) != 0 { await Task.yield() }
            tasks.cancelAll()
        }
        #expect(openFiles(in: fixture.folder).allSatisfy { !$0.hasSuffix("-turn") })
    }

    @Test("a schema that needs a newer program is refused, and left as it is")
    func newerSchema() async throws {
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        try change("INSERT INTO schema_steps VALUES (7, 7, 0)")
        let known = Schema.steps.steps.count
        let expected = """
            \(fixture.path) cannot be used: its schema needs a newer orderd: it asks for version 7, this one knows \
            \(known).
            """
        #expect(await fixture.startError() == expected)
    }

    @Test("a newer schema that this program can still use is used")
    func newerUsableSchema() async throws {
        defer { fixture.remove() }
        let first = try await fixture.running { storage, _ in try await storage.create(2) }
        try change("ALTER TABLE orders ADD COLUMN note TEXT; INSERT INTO schema_steps VALUES (7, 1, 0)")
        let second = try await fixture.running { storage, _ in
            let created = try await storage.create(1)
            #expect(try await storage.allIDs() == first + created)
            return created
        }
        #expect(second == [3])
    }

    @Test("a schema step that differs from this program's is refused")
    func foreignSchema() async throws {
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        try change("UPDATE schema_steps SET checksum = 1 WHERE version = 1")
        #expect(
            await fixture.startError()
                == "\(fixture.path) cannot be used: its schema was not made by this orderd: step 1 differs.")
    }

    @Test("a released schema step never changes")
    func releasedSteps() {
        defer { fixture.remove() }
        #expect(Schema.steps.steps.map(\.version) == Array(1...Int64(Schema.steps.steps.count)))
        #expect(Schema.steps.steps.map(\.checksum) == [-6_218_316_219_794_317_987, 418_063_599_050_774_905])
    }

    @Test("a start that fails leaves no descriptor open")
    func failedStartCloses() async throws {
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        try change("INSERT INTO schema_steps VALUES (7, 7, 0)")
        _ = await fixture.startError()
        #expect(openFiles(in: fixture.folder) == [])
    }

    @Test("a run that is cancelled closes what it opened")
    func cancelled() async throws {
        defer { fixture.remove() }
        let context = PluginContext.standalone("sqlite", logger: .init(label: "sqlite"), time: SystemTime())
        let storage = try fixture.storage(context: context)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await storage.run() }
            try await context.waitUntilSettled()
            tasks.cancelAll()
            try? await tasks.waitForAll()
        }
        #expect(openFiles(in: fixture.folder) == [])
        #expect(size(of: fixture.path + "-wal") == 0)
    }

    private func change(_ sql: String) throws {
        let other = try fixture.otherConnection()
        defer { other.close() }
        try other.execute(sql)
    }
}

/// Writes a file.
func write(_ text: String, to path: String) {
    let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o644)
    _ = Glibc.write(descriptor, text, text.utf8.count)
    close(descriptor)
}

/// Files below a folder that this process has open.
func openFiles(in folder: String) -> [String] {
    (0..<4_096).compactMap { number in
        var target = [CChar](repeating: 0, count: 4_096)
        guard readlink("/proc/self/fd/\(number)", &target, target.count - 1) > 0 else { return nil }
        let path = String(decoding: target.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.hasPrefix(folder + "/") ? path : nil
    }
}

@Suite("Schema of SQLite, for an operator")
struct SQLiteSchemaTests {
    @Test("looking changes nothing, `plan` is what `migrate` does, and RAM has no schema")
    func maintenance() async throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        let logger = Logger(label: "sqlite") { _ in SwiftLogNoOpLogHandler() }
        func storage(_ path: String) throws -> SQLiteStorage {
            let context = PluginContext.standalone("sqlite", logger: logger, time: SystemTime())
            return try fixture.storage(at: path, context: context)
        }
        let before = try #require(try await storage(fixture.path).schema(.inspect))
        #expect(before.steps.map(\.isTaken) == [false, false])
        #expect(access(fixture.path, F_OK) != 0)
        let connection = try fixture.otherConnection()
        for statement in before.missing.flatMap(\.statements) { try connection.execute(statement) }
        connection.close()
        #expect(try await storage(fixture.path).schema(.inspect)?.missing == [])
        #expect(try await storage(fixture.path).schema(.migrate)?.steps.map(\.isTaken) == [true, true])
        #expect(await fixture.startError() == nil)
        #expect(try await storage(":memory:").schema(.migrate) == nil)
    }

    @Test("a log that has no orders yet is no obstacle", arguments: [1, 32])
    func emptyLog(length: Int) async throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        close(open(fixture.path + "-wal", O_CREAT | O_WRONLY, 0o644))
        try #require(truncate(fixture.path + "-wal", length) == 0)
        #expect(try await fixture.running { storage, _ in try await storage.create(1) } == [1])
    }

    @Test("a database that lacks a table is up to date for nobody")
    func lostTable() async throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        let other = try fixture.otherConnection()
        try other.execute("DROP TABLE orders")
        other.close()
        let context = PluginContext.standalone(
            "sqlite", logger: Logger(label: "sqlite") { _ in SwiftLogNoOpLogHandler() }, time: SystemTime())
        for work in [SchemaWork.inspect, .migrate] {
            let error = await #expect(throws: PluginError.self) {
                try await fixture.storage(context: context).schema(work)
            }
            #expect(error?.description.contains("no such table: orders") == true)
        }
    }

    @Test("looking leaves the log of a process that was killed where it is")
    func leftLog() async throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        let connection = try fixture.otherConnection()
        try connection.execute("PRAGMA user_version = 7")
        connection.leaveFiles()
        connection.close()
        let log = size(of: fixture.path + "-wal")
        #expect(log > 0)
        let logger = Logger(label: "sqlite") { _ in SwiftLogNoOpLogHandler() }
        let context = PluginContext.standalone("sqlite", logger: logger, time: SystemTime())
        #expect(try await fixture.storage(context: context).schema(.inspect)?.missing == [])
        #expect(size(of: fixture.path + "-wal") == log)
    }
}
