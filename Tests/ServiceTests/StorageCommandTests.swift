import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

/// `orderd storage` tells scripts by its exit code whether `migrate` has something to do.
@Suite("The schema from the command line", .timeLimit(.minutes(5)))
struct StorageCommandTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    @Test("of a SQLite file: 69 while steps are missing, 0 when all were taken, 69 where a newer orderd is needed")
    func sqlite() async throws {
        try await check("storage.sqlite.path=orders.db") {
            let (_, code) = try await folder.run(
                "/usr/bin/python3",
                [
                    "-c",
                    "import sqlite3; c = sqlite3.connect('orders.db'); "
                        + "c.execute('INSERT INTO schema_steps VALUES (99, 99, 0)'); c.commit()",
                ])
            #expect(code == 0)
        }
    }

    @Test(
        "of PostgreSQL: 69 while steps are missing, 0 when all were taken, 69 where a newer orderd is needed",
        .enabled(if: PostgresServer.programs != nil))
    func postgres() async throws {
        try await PostgresServer.shared.withDatabase { database in
            try await check("storage.postgres.url=\(database.url)") {
                try await database.sql("INSERT INTO order_schema_steps (version, needs, checksum) VALUES (99, 99, 0)")
            }
        }
    }

    @Test(
        "of a file that `migrate` would refuse: every verb refuses it, and leaves it as it is",
        arguments: [
            ("CREATE TABLE trees (name)", "belongs to another program"),
            ("DROP TABLE orders", "no such table: orders"),
        ])
    func unfit(statement: String, reason: String) async throws {
        let path = "storage.sqlite.path=orders.db"
        if statement.hasPrefix("DROP") { #expect(try await run("migrate", path).code == 0) }
        let program = "import sqlite3; c = sqlite3.connect('orders.db'); c.execute('\(statement)'); c.commit()"
        #expect(try await folder.run("/usr/bin/python3", ["-c", program]).code == 0)
        for verb in ["status", "plan"] {
            let refused = try await run(verb, path)
            #expect(refused.code == 69 && refused.output == "")
            #expect(refused.errors.contains(reason))
        }
    }

    @Test("of a file in a directory that is not there: every verb says so")
    func noDirectory() async throws {
        for verb in ["status", "plan", "migrate"] {
            let refused = try await run(verb, "storage.sqlite.path=nowhere/orders.db")
            #expect(refused.code == 69 && refused.errors.contains("The directory of nowhere/orders.db does not exist"))
        }
    }

    @Test("of a database in RAM: that there is no schema is nothing that a database's client could run")
    func noSchema() async throws {
        let result = try await run("plan", "storage.sqlite.path=:memory:")
        #expect(result.code == 0 && result.output == "" && result.errors == "orderd: storage.sqlite has no schema")
    }

    @Test("what a storage lacks is told with its name")
    func lacking() async throws {
        let result = try await run("status", "storage.sqlite.path=nowhere/orders.db")
        #expect(result.errors.hasPrefix("orderd: storage.sqlite: The directory of nowhere/orders.db does not exist"))
    }

    @Test("what is odd with the environment is told here too")
    func warnings() async throws {
        let process = try folder.start(
            "storage", "plan", "--set", "storage.sqlite.path=orders.db", environment: ["OTEL_PROPAGATORS": "x"])
        #expect(await process.exitCode() == 0)
        #expect(process.errorLines.first?.hasPrefix("orderd: OTEL_PROPAGATORS=x counts as unset: ") == true)
    }

    @Test(
        "while another process makes the tables, `migrate` says that it waits, and goes on",
        .enabled(if: PostgresServer.programs != nil))
    func waiting() async throws {
        try await PostgresServer.shared.withDatabase { database in
            let lock = Task { try await database.sql("SELECT pg_advisory_lock(8029460118413238884), pg_sleep(600)") }
            let locker =
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            while try await database.sql(locker).isEmpty { try Task.checkCancellation() }
            let process = try folder.start("storage", "migrate", "--set", "storage.postgres.url=\(database.url)")
            try await process.errorLine(containing: "waiting for a lock")
            try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(locker)) AS lockers")
            #expect(await process.exitCode() == 0)
            #expect(process.errorLines.count { $0.contains("another process is bringing the tables up to date") } == 1)
            await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
        }
    }

    @Test(
        "while another session holds a table, `migrate` lets others write, and leaves nothing behind when it is killed",
        .enabled(if: PostgresServer.programs != nil))
    func heldTable() async throws {
        try await PostgresServer.shared.withDatabase { database in
            let setting = "storage.postgres.url=\(database.url)"
            #expect(try await run("migrate", setting).code == 0)
            try await database.sql("DROP INDEX orders_wood_type_id; DELETE FROM order_schema_steps WHERE version = 2")
            func insertion(_ id: Int) -> String {
                "INSERT INTO orders VALUES (\(id), 'c', 'oak', 5, 'ready', now(), now(), 1)"
            }
            let holder = Task {
                try await database.sql("BEGIN; \(insertion(1)); SELECT pg_advisory_lock(9); SELECT pg_sleep(600)")
            }
            let locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 9"
            while try await database.sql(locks).isEmpty { try Task.checkCancellation() }
            let process = try folder.start("storage", "migrate", "--set", setting)
            try await process.errorLine(containing: "another session holds a table")
            try await database.sql("SET lock_timeout = '30s'; \(insertion(2))")
            let waiting = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND state = 'active'"
            while try await database.sql(waiting).isEmpty { try Task.checkCancellation() }
            process.send(signal: SIGKILL)
            while try await !database.sql(waiting).isEmpty { try Task.checkCancellation() }
            try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(locks)) AS locks")
            await #expect(throws: PostgresServer.Failure.self) { try await holder.value }
            #expect(try await run("migrate", setting).code == 0)
        }
    }

    private func check(_ storage: String, makeTooNew: () async throws -> Void) async throws {
        #expect(try await run("plan", storage).code == 0)
        let missing = try await run("status", storage)
        #expect(missing.code == 69)
        #expect(missing.output.contains("step 1: missing\n"))
        #expect(missing.output.hasSuffix("not up to date; `orderd storage migrate` takes what is missing\n"))
        #expect(try await run("migrate", storage).code == 0)
        let done = try await run("status", storage)
        #expect(done.code == 0)
        #expect(done.output.hasSuffix("\nup to date\n"))
        try await makeTooNew()
        for verb in ["status", "plan", "migrate"] {
            let refused = try await run(verb, storage)
            #expect(refused.code == 69)
            #expect(refused.output == "")
            #expect(refused.errors.contains("needs a newer orderd"))
        }
    }

    private func run(_ verb: String, _ setting: String) async throws -> (output: String, errors: String, code: Int32) {
        let process = try folder.start("storage", verb, "--set", setting)
        let code = await process.exitCode()
        return (String(decoding: process.output, as: UTF8.self), process.errorLines.joined(separator: "\n"), code)
    }
}
