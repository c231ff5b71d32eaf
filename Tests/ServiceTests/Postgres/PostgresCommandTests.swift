import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// `orderd storage` on a PostgreSQL, which others may use meanwhile.
    @Suite("The schema of a PostgreSQL from the command line", .timeLimit(.minutes(5)))
    struct PostgresCommandTests {
        let folder: ServiceFolder

        init() throws { folder = try ServiceFolder() }

        @Test(
            "of PostgreSQL: 69 while steps are missing, 0 when all were taken, 69 where a newer orderd is needed")
        func postgres() async throws {
            try await PostgresServer.shared.withDatabase { database in
                try await folder.checkVerbs("storage.postgres.url=\(database.url)") {
                    try await database.sql(
                        "INSERT INTO order_schema_steps (version, needs, checksum) VALUES (99, 99, 0)")
                }
            }
        }

        @Test(
            "what is gone although its step was taken is named",
            arguments: [
                ("DROP TABLE orders", "orders"), ("DROP TABLE order_batches", "order_batches"),
                ("ALTER TABLE order_keys DROP CONSTRAINT order_keys_pkey", "order_keys_pkey"),
            ])
        func lost(by sql: String, name: String) async throws {
            try await PostgresServer.shared.withDatabase { database in
                let setting = "storage.postgres.url=\(database.url)"
                #expect(try await folder.storage("migrate", setting).code == 0)
                try await database.sql(sql)
                let words = "the schema \"public\" has lost \(name), which orderd had made"
                let status = try await folder.storage("status", setting)
                #expect(status.code == 69 && status.errors.contains(words), "\(status.errors)")
                let job = try folder.job(at: database.url, input: nil)
                #expect(await job.exitCode() == 69)
                #expect(job.errorLines.contains { $0.contains(words) })
            }
        }

        @Test("while another process makes the tables, `migrate` says that it waits, and goes on")
        func waiting() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let lock = Task {
                    try await database.sql("SELECT pg_advisory_lock(8029460118413238884), pg_sleep(600)")
                }
                let locker =
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
                while try await database.sql(locker).isEmpty { try Task.checkCancellation() }
                let process = try folder.start("storage", "migrate", "--set", "storage.postgres.url=\(database.url)")
                try await process.errorLine(containing: "waiting for a lock")
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(locker)) AS lockers")
                #expect(await process.exitCode() == 0)
                #expect(
                    process.errorLines.count { $0.contains("another process is bringing the tables up to date") } == 1)
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
            }
        }

        @Test("while another session holds the record of steps, `migrate` says that it waits, and goes on")
        func heldSteps() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let settings = [
                    "--set", "storage.postgres.url=\(database.url)", "--set",
                    "storage.postgres.statement_timeout=200ms",
                ]
                #expect(try await folder.storage("migrate", settings[1]).code == 0)
                let lock = Task {
                    try await database.sql(
                        "BEGIN; LOCK TABLE order_schema_steps IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)")
                }
                let locker =
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
                while try await database.sql(locker).isEmpty { try Task.checkCancellation() }
                let process = try folder.start(["storage", "migrate"] + settings)
                try await process.errorLine(containing: "waiting for a lock")
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(locker)) AS lockers")
                #expect(await process.exitCode() == 0)
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
            }
        }

        @Test(
            "while another session holds a table, `migrate` lets others write, and leaves nothing when it is killed"
        )
        func heldTable() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let setting = "storage.postgres.url=\(database.url)"
                #expect(try await folder.storage("migrate", setting).code == 0)
                try await database.sql(
                    "DROP INDEX orders_wood_type_id; DELETE FROM order_schema_steps WHERE version = 2")
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
                #expect(try await folder.storage("migrate", setting).code == 0)
            }
        }
    }
}
