import Logging
import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

@Suite("Start on PostgreSQL", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct PostgresStartTests {
    @Test("what cannot be used ends the start, with its reason, even where the storage would wait for a server")
    func hopeless() async throws {
        try await PostgresFixture.with { fixture in
            let url = fixture.database.url
            let cases = [
                (url.replacing("/\(fixture.database.name)", with: "/nowhere"), "", "unknown_database"),
                (url.replacing("postgres:", with: "postgres:not"), "", "authentication"),
                (url.replacing("//postgres:", with: "//nobody:"), "", "authentication"),
                ("service=nope", "", "PostgreSQL of the service \"nope\" cannot be used: definition of service"),
                (url, "schema: nowhere", "there is no schema \"nowhere\""),
                (url, "migrate: never", "`orderd storage migrate`"),
            ]
            for (url, settings, reason) in cases {
                let comma = settings.isEmpty ? "" : ", "
                let error = await fixture.startError("on_start_failure: retry\(comma)\(settings)", url: url)
                #expect(error?.contains(reason) == true, "\(error ?? "it started")")
            }
        }
    }

    @Test("a database of another encoding is refused")
    func encoding() async throws {
        let options = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        try await PostgresServer.shared.withDatabase(options) { database in
            let error = await PostgresFixture(database: database).startError()
            #expect(error?.contains("is encoded in LATIN1, and must be in UTF8") == true, "\(error ?? "it started")")
        }
    }

    @Test("no error tells the password")
    func password() async throws {
        try await PostgresFixture.with { fixture in
            let error = await fixture.startError("password: hunter2", url: fixture.database.url)
            #expect(error?.contains("authentication") == true)
            #expect(error?.contains("hunter2") == false)
        }
    }

    @Test("a server that is away ends the start of a job, and not that of a service")
    func away() async throws {
        try await PostgresFixture.with { fixture in
            let url = "postgresql://postgres@127.0.0.1:1/orders"
            let error = await fixture.startError(url: url)
            #expect(error?.contains("(connection_refused)") == true, "\(error ?? "it started")")
            #expect(await fixture.startError("on_start_failure: fail", url: url) == error)
        }
        try await PostgresFixture.with { fixture in
            // The kit lends only what is ready, so this storage runs beside it.
            let context = PluginContext.standalone(
                "postgres", logger: .init(label: "test"), time: SystemTime(), servesOn: true)
            let url = "postgresql://postgres@127.0.0.1:1/orders"
            let storage = PostgresStorage(
                try fixture.configuration("pool: {acquire_timeout: 1s}", url: url), context: context)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await storage.run() }
                try await context.waitUntilSettled()
                #expect(context.state == .unavailable("connection_refused"))
                let error = await #expect(throws: StorageError.self) {
                    try await storage.commit([.create(.oak(), key: nil)])
                }
                #expect(error?.kind == .unavailable)
                #expect(error?.code == "connection_refused")
                await #expect(throws: StorageError.self) { try await storage.order(1, before: .now + .seconds(9)) }
                // On a busy machine the deadline may pass before anybody looks.
                while await storage.readError(within: .milliseconds(500)) != "connection_refused" {
                    try Task.checkCancellation()
                }
                tasks.cancelAll()
                try? await tasks.waitForAll()
            }
        }
    }

    @Test("the tables may be in any schema, whatever its name")
    func schema() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.database.sql("CREATE SCHEMA \"a \"\"b\"\" 'c'\"")
            let settings = "schema: \"a \\\"b\\\" 'c'\""
            try await fixture.running(settings) { storage, _ in
                let key = IdempotencyKey(principal: "", text: "k")
                try await storage.commit([.create(.oak(), key: key), .create(.oak(), key: nil)])
                #expect(try await storage.allOrders().map(\.id) == [1, 2])
            }
            #expect(try await fixture.database.sql("SELECT to_regclass('public.orders') IS NULL") == "t")
            #expect(await fixture.startError(settings) == nil)
        }
    }

    @Test("a schema that needs a newer orderd, or was made by another, is refused and left alone")
    func otherSchema() async throws {
        try await PostgresFixture.with { fixture in
            #expect(await fixture.startError() == nil)
            try await fixture.database.sql("INSERT INTO order_schema_steps (version, needs, checksum) VALUES (3, 1, 7)")
            #expect(await fixture.startError() == nil)
            try await fixture.database.sql("UPDATE order_schema_steps SET needs = 3 WHERE version = 3")
            #expect(await fixture.startError()?.contains("needs a newer orderd") == true)
            try await fixture.database.sql("DELETE FROM order_schema_steps WHERE version = 3")
            try await fixture.database.sql("UPDATE order_schema_steps SET checksum = 7")
            #expect(await fixture.startError()?.contains("not made by this orderd") == true)
        }
    }

    @Test("tables of another program are not touched")
    func foreignTables() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.database.sql("CREATE TABLE orders (id integer)")
            #expect(await fixture.startError()?.contains("not orderd's") == true)
            #expect(try await fixture.database.sql("SELECT to_regclass('order_keys') IS NULL") == "t")
        }
    }

    @Test(
        "a sequence that gives ids of orders, none, or lower and lower ones is told at the start",
        arguments: [
            ("setval(seq, 4)", "the sequence of ids is behind the orders: SELECT setval((SELECT "),
            ("setval(seq, 5, false)", "(id_taken)"), ("setval(seq, 5)", nil), ("setval(seq, 6, false)", nil),
            ("setval(seq, 9223372036854775807)", "(ids_exhausted)"),
        ] as [(String, String?)])
    func sequence(set: String, words: String?) async throws {
        try await PostgresFixture.with { fixture in
            _ = try await fixture.running { storage, _ in
                try await storage.commit([Write](repeating: .create(.oak(), key: nil), count: 5))
            }
            try await fixture.database.sql("SELECT \(set.replacing("seq", with: "'orders_id_seq'"))")
            let error = await fixture.startError()
            #expect(words.map { error?.contains($0) == true } ?? (error == nil), "\(error ?? "started")")
            try await fixture.database.sql("ALTER SEQUENCE orders_id_seq MINVALUE -9 INCREMENT -1")
            #expect(await fixture.startError()?.contains("counts down") == true)
        }
    }

    @Test("where the sequence falls behind while it runs, nothing is created, until it is set")
    func sequenceBehind() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, context in
                try await storage.commit([Write](repeating: .create(.oak(), key: nil), count: 5))
                try await fixture.database.sql("SELECT setval('orders_id_seq', 1)")
                let error = await #expect(throws: StorageError.self) {
                    try await storage.commit([.create(.oak(), key: nil)])
                }
                #expect(error?.kind == .unavailable && error?.code == "id_taken")
                #expect(context.state == .unavailable("id_taken"))
                try await fixture.database.sql("SELECT setval('orders_id_seq', 5)")
                while context.state != .ready { try await Task.sleep(for: .milliseconds(10)) }
                try await storage.commit([.create(.oak(), key: nil)])
                #expect(try await storage.allOrders().map(\.id) == [1, 2, 3, 4, 5, 6])
            }
        }
    }

    @Test("ids come from the sequence of the orders, also where the usual name was taken")
    func takenSequence() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.database.sql(
                """
                CREATE TABLE orders (id serial PRIMARY KEY); INSERT INTO orders SELECT FROM generate_series(1, 20);
                ALTER TABLE orders RENAME TO orders_old
                """)
            try await fixture.running { storage, _ in
                for number in 0..<3 {
                    let key = IdempotencyKey(principal: "", text: "k\(number)")
                    try await storage.commit([.create(.oak(), key: nil), .create(.oak(), key: key)])
                    try await storage.commit([.create(.oak(), key: nil)])
                }
                #expect(try await storage.allOrders().map(\.id) == Array(1...9))
                try await fixture.database.sql("DROP TABLE orders_old")
                let key = IdempotencyKey(principal: "", text: "last")
                try await storage.commit([.create(.oak(), key: key)])
                #expect(try await storage.allOrders().last?.id == 10)
            }
        }
    }

    @Test("what the server refuses for what it says ends the start, whatever its code")
    func refused() async throws {
        try await PostgresFixture.with { fixture in
            let options = fixture.database.url + "&options=-c%20nonsense%3D1"
            let error = await fixture.startError("on_start_failure: retry", url: options)
            #expect(error?.contains("nonsense") == true && error?.contains("(postgres)") == true, "\(error ?? "none")")
            try await fixture.database.sql("CREATE TYPE orders AS ENUM ('a')")
            let taken = await fixture.startError("on_start_failure: retry")
            #expect(taken?.contains("already exists") == true && taken?.contains("(postgres)") == true)
        }
    }

    @Test("a role that may not make tables uses those that are there")
    func limitedRole() async throws {
        try await PostgresFixture.with { fixture in
            let role = fixture.database.name
            try await fixture.database.sql("CREATE ROLE \(role) LOGIN PASSWORD 'x'")
            let url = fixture.database.url.replacing("//postgres:", with: "//\(role):")
            #expect(await fixture.startError("password: x", url: url)?.contains("(permission)") == true)
            let missing = await fixture.startError("password: x", url: url)
            #expect(missing?.contains("may not create tables") == true, "\(missing ?? "it started")")
            #expect(await fixture.startError() == nil)
            let ungranted = await fixture.startError("password: x, migrate: never", url: url)
            #expect(ungranted?.contains("denied for table order_schema_steps; the role needs USAGE") == true)
            try await fixture.database.sql(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role)")
            let idless = await fixture.startError("password: x, migrate: never", url: url)
            let words = "permission denied for the sequence of ids; the role needs USAGE"
            #expect(idless?.contains(words) == true, "\(idless ?? "it started")")
            try await fixture.database.sql("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO \(role)")
            try await fixture.running("password: x, migrate: never", url: url) { storage, _ in
                let key = IdempotencyKey(principal: "", text: "k")
                let outcomes = try await storage.commit([.create(.oak(), key: key), .create(.oak(), key: nil)])
                #expect(outcomes.count == 2)
            }
            try await fixture.database.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test("ten that start together make the tables once")
    func together() async throws {
        try await PostgresFixture.with { fixture in
            let errors = await withTaskGroup(of: String?.self) { tasks in
                for _ in 0..<10 { tasks.addTask { await fixture.startError() } }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(errors == [String?](repeating: nil, count: 10))
            let steps = try await fixture.database.sql("SELECT count(*) FROM order_schema_steps")
            #expect(steps == "2")
        }
    }

    @Test("an operator sees the steps before and after, and `plan` is what `migrate` does")
    func maintenance() async throws {
        try await PostgresFixture.with { fixture in
            let context = PluginContext.standalone("postgres", logger: .init(label: "test"), time: SystemTime())
            let storage = PostgresStorage(try fixture.configuration(), context: context)
            let before = try #require(try await storage.schema(.inspect))
            #expect(before.steps.map(\.isTaken) == [false, false])
            #expect(try await fixture.database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0")
            try await fixture.database.sql(before.missing.flatMap(\.statements).joined(separator: ";\n"))
            #expect(try await storage.schema(.inspect)?.missing == [])
            #expect(try await storage.schema(.migrate)?.steps.map(\.isTaken) == [true, true])
            #expect(await fixture.startError("migrate: never") == nil)
        }
    }
}

extension PostgresStorage {
    /// Code of the error with which an order cannot be read; `nil` where it can.
    fileprivate func readError(within time: Duration) async -> String? {
        do throws(StorageError) {
            _ = try await order(1, before: .now + time)
            return nil
        } catch {
            return error.code
        }
    }
}
