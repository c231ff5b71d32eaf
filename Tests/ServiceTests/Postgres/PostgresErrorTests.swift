import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// What ails a server has a name, and passes without anyone doing something to the service.
    @Suite("Errors of PostgreSQL by name", .timeLimit(.minutes(5)))
    struct PostgresErrorTests {
        /// What is done to a database or a role, by the superuser, and what makes it good again.
        struct Trouble: Sendable, CustomTestStringConvertible {
            /// What a client and `/readyz` are told.
            let code: String
            let provoke: [String]
            let mend: [String]

            var testDescription: String { code }
        }

        /// Statements about the database and the role `{it}`: the schema `shop` is in the database.
        private static let troubles = [
            Trouble(
                code: "too_many_connections", provoke: ["ALTER ROLE {it} CONNECTION LIMIT 0"],
                mend: ["ALTER ROLE {it} CONNECTION LIMIT -1"]),
            Trouble(
                code: "read_only", provoke: ["ALTER DATABASE {it} SET default_transaction_read_only = on"],
                mend: ["ALTER DATABASE {it} RESET default_transaction_read_only"]),
            Trouble(
                code: "authentication", provoke: ["ALTER ROLE {it} PASSWORD 'another'"],
                mend: ["ALTER ROLE {it} PASSWORD 'hunter2'"]),
            Trouble(
                code: "unknown_database",
                provoke: [
                    "ALTER DATABASE {it} ALLOW_CONNECTIONS false", "DISCONNECT",
                    "ALTER DATABASE {it} RENAME TO away_{it}",
                ],
                mend: ["ALTER DATABASE away_{it} RENAME TO {it}", "ALTER DATABASE {it} ALLOW_CONNECTIONS true"]),
            Trouble(
                code: "schema_missing", provoke: ["IN ALTER SCHEMA shop RENAME TO away"],
                mend: ["IN ALTER SCHEMA away RENAME TO shop"]),
            Trouble(
                code: "permission", provoke: ["IN REVOKE ALL ON SCHEMA shop FROM {it}"],
                mend: ["IN GRANT ALL ON SCHEMA shop TO {it}"]),
        ]

        let folder: ServiceFolder

        init() throws { folder = try ServiceFolder() }

        @Test("under load, clients and readiness are told its name alone, and it passes by itself", arguments: troubles)
        func named(trouble: Trouble) async throws {
            let server = try await PostgresServer.shared
            try await server.withDatabase { database in
                let role = database.name
                try await database.sql(
                    "CREATE ROLE \(role) LOGIN PASSWORD 'hunter2'; CREATE SCHEMA shop; "
                        + "GRANT ALL ON SCHEMA shop TO \(role)"
                )
                let url = database.url.replacing(/\/\/postgres:[^@]*@/, with: "//\(role):hunter2@")
                let work = try await WorkInTrouble(folder, at: url, "storage.postgres.schema=shop")
                try await run(trouble.provoke + ["DISCONNECT"], on: database)
                try await work.see(trouble.code, secrets: ["hunter2", role])
                try await run(trouble.mend, on: database)
                let acknowledged = try await work.end()
                #expect(try await acknowledged.mistakes(in: server, database: role, table: "shop.orders") == [])
                try await database.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
            }
        }

        @Test("while there are connections for some, all requests are answered on those")
        func fewConnections() async throws {
            let server = try await PostgresServer.shared
            try await server.withDatabase { database in
                let role = database.name
                try await database.sql(
                    "CREATE ROLE \(role) LOGIN PASSWORD 'x' CONNECTION LIMIT 2; GRANT ALL ON SCHEMA public TO \(role)")
                let url = database.url.replacing(/\/\/postgres:[^@]*@/, with: "//\(role):x@")
                let service = try folder.serve(at: url, "storage.postgres.pool.acquire_timeout=60s")
                let port = try await service.port()
                try await ServiceHealth(folder: folder, port: port).wait(until: 200)
                #expect(try await folder.create(on: port).hasPrefix("HTTP/1.1 201"))
                let (codes, _) = try await folder.run(
                    "curl",
                    [
                        "-s", "--parallel", "--parallel-immediate", "-o", "/dev/null", "-w", "%{http_code} ",
                        "127.0.0.1:\(port)/orders?skip=[1-40]",
                    ])
                #expect(codes == String(repeating: "200 ", count: 40))
                #expect(await service.stop() == 0)
                try await database.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
            }
        }

        @Test("a reader that waits for a lock while another gets no connection leaves the service ready")
        func lateReader() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let role = database.name
                try await database.sql(
                    "CREATE ROLE \(role) LOGIN PASSWORD 'x' CONNECTION LIMIT 2; GRANT ALL ON SCHEMA public TO \(role)")
                let url = database.url.replacing(/\/\/postgres:[^@]*@/, with: "//\(role):x@")
                let service = try folder.serve(at: url, "storage.postgres.pool.acquire_timeout=1s")
                let port = try await service.port()
                let health = ServiceHealth(folder: folder, port: port)
                try await health.wait(until: 200)
                let lock = Task {
                    try await database.sql("BEGIN; SELECT pg_advisory_lock(8); LOCK TABLE orders; SELECT pg_sleep(2.5)")
                }
                let locks = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 8"
                while try await database.sql(locks).isEmpty { try Task.checkCancellation() }
                let (codes, _) = try await folder.run(
                    "curl",
                    [
                        "-s", "--parallel", "--parallel-immediate", "-o", "/dev/null", "-w", "%{http_code} ",
                        "127.0.0.1:\(port)/orders?skip=[1-2]",
                    ])
                #expect(codes.contains(/^((200|503) ){2}$/), "\(codes)")
                _ = try await lock.value
                #expect(try await health.readiness().status == 200)
                #expect(try await folder.play([.list([])], on: port).map(\.status) == [200])
                #expect(try await health.readiness().status == 200)
                #expect(await service.stop() == 0)
                try await database.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
            }
        }

        @Test("while there is no connection left to read with, a service is not ready, though it stores orders")
        func noReader() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let role = database.name
                try await database.sql(
                    "CREATE ROLE \(role) LOGIN PASSWORD 'x' CONNECTION LIMIT 1; GRANT ALL ON SCHEMA public TO \(role)")
                let url = database.url.replacing(/\/\/postgres:[^@]*@/, with: "//\(role):x@")
                let service = try folder.serve(at: url)
                let port = try await service.port()
                let health = ServiceHealth(folder: folder, port: port)
                try await health.wait(until: 200)
                #expect(try await folder.play([.list([])], on: port).map(\.status) == [503])
                try await health.wait(untilTold: "too_many_connections")
                #expect(try await folder.create(on: port).hasPrefix("HTTP/1.1 201"))
                try await database.sql("ALTER ROLE \(role) CONNECTION LIMIT 5")
                try await health.wait(until: 200)
                #expect(try await folder.play([.list([])], on: port).map(\.status) == [200])
                #expect(await service.stop() == 0)
                try await database.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
            }
        }

        @Test("a standby is read-only until it is promoted, without a new start")
        func standby() async throws {
            try await PostgresServer.withServer("fsync=off") { primary in
                let first = try folder.serve(at: primary.url)
                try await ServiceHealth(folder: folder, port: try await first.port()).wait(until: 200)
                #expect(await first.stop() == 0)
                try await primary.withReplica("fsync=off") { replica in
                    while try await replica.sql("SELECT to_regclass('orders')").isEmpty { try Task.checkCancellation() }
                    let service = try folder.serve(at: replica.url)
                    let port = try await service.port()
                    let health = ServiceHealth(folder: folder, port: port)
                    try await health.wait(untilTold: "read_only")
                    #expect(try await folder.create(on: port).contains("(read_only)"))
                    #expect(try await folder.play([.list([])], on: port).map(\.status) == [200])
                    try await replica.promote()
                    try await health.wait(until: 200)
                    #expect(try await folder.create(on: port).hasPrefix("HTTP/1.1 201"))
                    #expect(await service.stop() == 0)
                }
            }
        }

        @Test(
            "a full disk is named, nothing acknowledged is lost on it, and it may be freed meanwhile",
            .enabled(if: SmallDisk.isPossible, "no file system may be mounted here"))
        func fullDisk() async throws {
            let folder = folder.file("disk")
            let disk = try #require(SmallDisk(folder, bytes: 24 << 20))
            defer { disk.remove() }
            try await PostgresServer.withServer("fsync=off") { server in
                let space = folder.appendingPathComponent("space")
                try FileManager.default.createDirectory(at: space, withIntermediateDirectories: true)
                let given = try await self.folder.run("chown", ["--reference=\(server.folder.path)", space.path])
                #expect(given.code == 0)
                try await server.sql("CREATE TABLESPACE small LOCATION '\(space.path)'")
                try await server.sql("CREATE DATABASE shop TABLESPACE small")
                let url = server.url.replacingOccurrences(of: "/orders", with: "/shop")
                let work = try await WorkInTrouble(self.folder, at: url)
                // Takes all that is left.
                let ballast = folder.appendingPathComponent("ballast")
                _ = try await self.folder.run("dd", ["if=/dev/zero", "of=\(ballast.path)", "bs=4k", "status=none"])
                try await work.see("disk_full", secrets: [try #require(URLComponents(string: url)?.password)])
                try FileManager.default.removeItem(at: ballast)
                #expect(try await work.end().mistakes(in: server, database: "shop") == [])
            }
        }

        /// Carries statements out: `IN` in the database itself, `DISCONNECT` ends all of its connections.
        private func run(_ statements: [String], on database: PostgresDatabase) async throws {
            for statement in statements {
                let sql = statement.replacing("{it}", with: database.name)
                if statement == "DISCONNECT" {
                    try await database.server.terminateBackends(of: database.name)
                } else if sql.hasPrefix("IN ") {
                    try await database.sql(String(sql.dropFirst(3)))
                } else {
                    try await database.server.sql(sql, in: "postgres")
                }
            }
        }
    }
}

/// A service under load whose database gets into trouble.
private struct WorkInTrouble {
    private let folder: ServiceFolder
    private let service: OrderdProcess
    private let poster: OrderdProcess
    private let port: Int
    private var health: ServiceHealth { ServiceHealth(folder: folder, port: port) }

    /// Starts both, and waits until the first orders are acknowledged.
    init(_ folder: ServiceFolder, at url: String, _ settings: String = "storage.postgres.schema=public") async throws {
        self.folder = folder
        // What became of a batch that was under way when trouble began may not be known until its deadline.
        service = try folder.serve(
            at: url, "storage.postgres.pool.acquire_timeout=500ms", "transport.http.deadline=10s", settings)
        port = try await service.port()
        try await ServiceHealth(folder: folder, port: port).wait(until: 200)
        poster = try folder.startClient("persistent.py", "\(port)", "4")
        try await poster.moreOutput(lines: 100)
    }

    /// Waits until readiness and a client are told a code, and compares what they are told with what they must not be.
    func see(_ code: String, secrets: [String]) async throws {
        try await health.wait(untilTold: code)
        let readiness = try await health.readiness().body
        var answer = ""
        while !answer.contains("(\(code)); nothing was done") {
            try Task.checkCancellation()
            answer = try await folder.create(on: port)
        }
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        #expect(answer.contains("/problems/storage_unavailable"))
        #expect(answer.contains("\r\nRetry-After: "))
        for told in [readiness, answer] {
            for word in secrets + ["INSERT", "SELECT", "order_batches", "FATAL", "ERROR"] {
                #expect(!told.contains(word), "\(told)")
            }
        }
    }

    /// Waits until orders are acknowledged again, and stops both.
    /// - Returns: All that was acknowledged.
    func end() async throws -> Acknowledgements {
        try await health.wait(until: 200)
        try await poster.moreOutput(lines: 100)
        #expect(await poster.stop() == 0)
        #expect(poster.errorLines == [])
        #expect(await service.stop() == 0)
        #expect(!service.errorLines.contains { $0.contains("hunter2") })
        return Acknowledgements(poster.output)
    }
}
