import Foundation
import Logging
import OrderKernel
import OrderKernelTesting
import PostgresTesting
import Testing

@testable import PostgresPlugin

@Suite("Readiness of PostgreSQL", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct PostgresReadinessTests {
    /// The first order waits for a lock, and is then told of a full disk.
    private static let trigger = """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(7);
            RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full';
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.customer_id = 'first')
            EXECUTE FUNCTION refuse()
        """

    @Test("trouble is over when a batch is committed, also where others have been waiting for it to end")
    func recovery() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, context in
                let database = fixture.database
                try await database.sql(Self.trigger)
                let lock = Task { try await database.sql("SELECT pg_advisory_lock(7), pg_sleep(600)") }
                while try await database.sql(Self.locks(7)).isEmpty { try Task.checkCancellation() }
                let first = Task { try await storage.commit([.create(.oak("first"), key: nil)]) }
                while storage.database.pools.first?.used == 0 { try await Self.yield() }
                let second = Task { try await storage.commit([.create(.oak("second"), key: nil)]) }
                while storage.database.pools.first?.waiting == 0 { try await Self.yield() }
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(Self.locks(7))) AS locks")
                let error = await #expect(throws: StorageError.self) { try await first.value }
                #expect(error?.code == "disk_full")
                #expect(try await second.value.count == 1)
                while context.state != .ready { try await Self.yield() }
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
            }
        }
    }

    @Test(
        "where the server has too few connections left, those that read make room for the one that writes",
        arguments: [true, false])
    func crowdedOut(isBusy: Bool) async throws {
        try await PostgresFixture.with { fixture in
            let database = fixture.database
            let role = "crowded_\(database.name)"
            try await database.sql(
                "CREATE ROLE \(role) LOGIN PASSWORD 'narrow'; GRANT ALL ON DATABASE \(database.name) TO \(role); "
                    + "GRANT ALL ON SCHEMA public TO \(role)")
            let url = database.url.replacing(/\/\/[^@\/]*@/, with: "//\(role):narrow@")
            try await fixture.running("pool: {max: 5}", url: url) { storage, _ in
                try await storage.commit([.create(.oak(), key: nil)])
                let mine = "FROM pg_stat_activity WHERE usename = '\(role)'"
                let writer = try await database.sql("SELECT pid \(mine)")
                // The lists wait for it, each on a connection of its own.
                let lock = Task {
                    try await database.sql("BEGIN; LOCK TABLE orders; SELECT pg_advisory_lock(9), pg_sleep(600)")
                }
                while try await database.sql(Self.locks(9)).isEmpty { try Task.checkCancellation() }
                let lists = (0..<8).map { _ in Task { try? await storage.allOrders() } }
                while try await database.sql("SELECT count(*) \(mine)") != "5" { try await Self.yield() }
                try await database.sql(
                    "ALTER ROLE \(role) CONNECTION LIMIT 4; "
                        + "SELECT pg_terminate_backend(pid) FROM (\(Self.locks(9))) AS locks")
                for list in lists { _ = await list.value }
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
                let readers = (0..<(isBusy ? 8 : 0)).map { _ in
                    Task { while !Task.isCancelled { _ = try? await storage.allOrders() } }
                }
                try await database.sql("SELECT pg_terminate_backend(\(writer))")
                #expect(try await storage.commit([.create(.oak(), key: nil)]).count == 1)
                for reader in readers { reader.cancel() }
                for reader in readers { await reader.value }
                #expect(try await storage.allOrders().count == 2)
                #expect(try await database.sql("SELECT count(*) \(mine)") == "4")
            }
            try await database.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test("while a lock of somebody else's holds up every batch, a service is not ready, and no order is lost")
    func lockedTable() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running("statement_timeout: 200ms") { storage, context in
                let database = fixture.database
                let lock = Task {
                    try await database.sql(
                        "BEGIN; LOCK TABLE orders IN SHARE MODE; SELECT pg_advisory_lock(8), pg_sleep(600)")
                }
                while try await database.sql(Self.locks(8)).isEmpty { try Task.checkCancellation() }
                let waiting = Task { try await storage.commit([.create(.oak(), key: nil)]) }
                while context.state == .ready { try await Self.yield() }
                #expect(context.state == .unavailable("statement_timeout"))
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(Self.locks(8))) AS locks")
                #expect(try await waiting.value.count == 1)
                while context.state != .ready { try await Self.yield() }
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
            }
        }
    }

    @Test("a rule that is broken by no order but the one that is tried keeps no service from being ready")
    func rules() async throws {
        try await PostgresFixture.with { fixture in
            #expect(await fixture.startError() == nil)
            try await fixture.database.sql(
                """
                ALTER TABLE orders ALTER id TYPE integer, ALTER customer_id SET NOT NULL, ADD CHECK (id > 0),
                    ADD CHECK (created_at > '2020-01-01'), ADD CHECK (customer_id <> 'orderd')
                """)
            try await fixture.running { storage, context in
                try await storage.commit([.create(.oak(), key: nil)])
                try await fixture.database.sql(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """)
                // The new connection is tried out, and no batch is sent before it is there.
                try await storage.commit([.create(.oak(), key: nil)])
                while context.state != .ready { try await Self.yield() }
                #expect(try await storage.allOrders().map(\.id) == [1, 2])
            }
        }
    }

    /// What keeps orders from being created, changed, or made sure of, and what ends that.
    private static let obstacles = [
        ("schema_missing", "ALTER TABLE orders RENAME TO away", "ALTER TABLE away RENAME TO orders"),
        ("schema_missing", "ALTER TABLE order_batches RENAME TO away", "ALTER TABLE away RENAME TO order_batches"),
        (
            "permission",
            """
            CREATE FUNCTION deny() RETURNS trigger LANGUAGE plpgsql AS \
            'BEGIN RAISE insufficient_privilege; END';
            CREATE TRIGGER deny BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION deny()
            """, "DROP TRIGGER deny ON orders"
        ),
    ]

    @Test("a trigger that leaves out what is stored keeps a service from being ready")
    func leftOut() async throws {
        try await PostgresFixture.with { fixture in
            #expect(await fixture.startError() == nil)
            try await fixture.database.sql(
                """
                CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER skip BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION skip()
                """)
            let error = await fixture.startError()
            #expect(error?.contains("has left out a row") == true, "\(error ?? "it started")")
        }
    }

    @Test("what cannot be written to is unavailable until it can, though the server is well", arguments: obstacles)
    func stays(code: String, obstacle: String, end: String) async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, context in
                try await storage.commit([.create(.oak(), key: nil)])
                try await fixture.database.sql(obstacle)
                for _ in 0..<20 {
                    await #expect(throws: StorageError.self) {
                        try await storage.commit([.update(1, OrderChange(status: .ready))])
                    }
                    // Creating may go well meanwhile, and says nothing of updates.
                    _ = try? await storage.commit([.create(.oak(), key: nil)])
                    #expect(context.state != .ready)
                    try await Task.sleep(for: .milliseconds(50))
                }
                while context.state != .unavailable(code) { try await Self.yield() }
                try await fixture.database.sql(end)
                while context.state != .ready { try await Self.yield() }
                let outcomes = try await storage.commit([.update(1, OrderChange(status: .ready))])
                #expect(outcomes.count { if case .updated = $0 { true } else { false } } == 1)
                #expect(try await fixture.database.sql("SELECT count(*) FROM orders WHERE id < 1") == "0")
            }
        }
    }

    @Test("a commit that waits for a standby is no success, and takes no more connections than the profile allows")
    func standbyAway() async throws {
        try await PostgresServer.withServer("fsync=off") { server in
            func wait(for standbys: String) async throws {
                try await server.sql(
                    "ALTER SYSTEM SET synchronous_standby_names = '\(standbys)'", "SELECT pg_reload_conf()")
            }
            try await server.withDatabase { database in
                let fixture = PostgresFixture(database: database)
                try await fixture.running("statement_timeout: 100ms") { storage, context in
                    try await storage.commit([.create(.oak(), key: nil)])
                    try await wait(for: "*")
                    func trouble(with write: Write) async throws -> StorageError.Kind? {
                        try Task.checkCancellation()
                        do throws(StorageError) {
                            try await storage.commit([write], within: .seconds(10))
                            return nil
                        } catch { return error.kind }
                    }
                    // The server takes the setting up in its own time.
                    var first = try await trouble(with: .create(.oak(), key: nil))
                    while first == nil { first = try await trouble(with: .create(.oak(), key: nil)) }
                    #expect(first == .outcomeUnknown)
                    let key = IdempotencyKey(principal: "", text: "k")
                    for _ in 1...2 {
                        #expect(try await trouble(with: .create(.oak(), key: key)) == .outcomeUnknown)
                    }
                    var seen: Set<Int32> = []
                    while seen.count < 6 {
                        try Task.checkCancellation()
                        let backends = try await fixture.backends
                        #expect(backends.count <= 3, "one ends while another begins")
                        seen.formUnion(backends)
                    }
                    try await wait(for: "")
                    while context.state != .ready {
                        try await Self.yield()
                    }
                }
            }
        }
    }

    @Test("a server that falls silent is noticed without a request")
    func silence() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { _, context in
                let before = try await fixture.backends
                before.forEach { kill($0, SIGSTOP) }
                while try await Set(fixture.backends).isSubset(of: before) { try Task.checkCancellation() }
                before.forEach { kill($0, SIGCONT) }
                while context.state != .ready { try await Self.yield() }
            }
        }
    }

    @Test("an order that somebody else has locked is postponed, alone, and says nothing of the server")
    func lock() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, context in
                try await storage.commit([.create(.oak(), key: nil), .create(.oak(), key: nil)])
                let database = fixture.database
                let lock = Task {
                    try await database.sql(
                        "BEGIN; SELECT pg_advisory_lock(7) FROM orders WHERE id = 1 FOR UPDATE; SELECT pg_sleep(600)")
                }
                while try await database.sql(Self.locks(7)).isEmpty { try Task.checkCancellation() }
                let input = ObjectIdentifier(PostgresStorage.self)
                let updates = [1, 2, 3, 2].map { Write.update($0, OrderChange(status: .ready)) }
                let batch = WriteBatch(
                    writes: updates, time: Timestamp(milliseconds: 0), deadline: .now + .seconds(60), rules: .standard,
                    inputs: [input, nil, nil, input])
                let outcomes = try await storage.commit(batch)
                #expect(outcomes[0] == .postponed && outcomes[3] == .postponed)
                #expect(outcomes[2] == .refused(.unknownOrder(3)))
                #expect(try await storage.allOrders().map(\.status) == [.registered, .ready])
                #expect(context.state == .ready)
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(Self.locks(7))) AS locks")
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
            }
        }
    }

    @Test("while it makes the tables itself, and that takes long, a service is there and not ready")
    func ownMigration() async throws {
        try await PostgresFixture.with { fixture in
            let database = fixture.database
            try await database.sql(
                """
                CREATE FUNCTION wait() RETURNS event_trigger LANGUAGE plpgsql AS \
                'BEGIN SET lock_timeout = 0; PERFORM pg_advisory_xact_lock(7); END';
                CREATE EVENT TRIGGER slow ON ddl_command_start EXECUTE FUNCTION wait()
                """)
            let lock = Task { try await database.sql("SELECT pg_advisory_lock(7), pg_sleep(600)") }
            while try await database.sql(Self.locks(7)).isEmpty { try Task.checkCancellation() }
            try await starting(fixture) { service, context in
                #expect(context.state == .unavailable("starting"))
                let codes = [
                    await #expect(throws: StorageError.self) { try await service.commit([.create(.oak(), key: nil)]) },
                    await #expect(throws: StorageError.self) { try await service.allOrders() },
                ].map(\.?.code)
                #expect(codes == ["starting", "starting"])
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(Self.locks(7))) AS locks")
                while context.state != .ready { try await Task.sleep(for: .milliseconds(10)) }
            }
            await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
        }
    }

    @Test("while another makes the tables, a service is there and not ready, and a job waits; both can be stopped")
    func migration() async throws {
        try await PostgresFixture.with { fixture in
            let database = fixture.database
            let lock = Task { try await database.sql("SELECT pg_advisory_lock(8029460118413238884), pg_sleep(600)") }
            let locks = Self.locks(8_029_460_118_413_238_884)
            while try await database.sql(locks).isEmpty { try Task.checkCancellation() }
            try await starting(fixture) { _, context in #expect(context.state == .unavailable("locked")) }
            // Who finds the lock taken comes again, and has nothing open meanwhile.
            let turnedAway = """
                SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orderd' \
                AND (query ILIKE 'rollback%' OR query LIKE '%pg_try_advisory%')
                """
            while try await !database.sql(turnedAway).isEmpty { try Task.checkCancellation() }
            let stopped = Task { await fixture.startError() }
            while try await database.sql(turnedAway).isEmpty { try Task.checkCancellation() }
            stopped.cancel()
            #expect(await stopped.value != nil, "it was stopped")
            while try await !database.sql(turnedAway).isEmpty { try Task.checkCancellation() }
            let job = Task { await fixture.startError() }
            while try await database.sql(turnedAway).isEmpty { try Task.checkCancellation() }
            try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(locks)) AS locks")
            #expect(await job.value == nil)
            await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
        }
    }

    /// Starts a service that answers while it is not ready, until it has said how it is, and ends it after the body.
    private func starting(
        _ fixture: PostgresFixture, _ body: (PostgresStorage, PluginContext) async throws -> Void
    ) async throws {
        let context = PluginContext.standalone(
            "postgres", logger: .init(label: "test"), time: SystemTime(), servesOn: true)
        let service = PostgresStorage(try fixture.configuration(), context: context)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await service.run() }
            try await context.waitUntilSettled()
            // A first attempt to connect is short, and a busy machine may miss it.
            while context.state == .unavailable("connection_timeout") { try await Self.yield() }
            try await body(service, context)
            tasks.cancelAll()
            try? await tasks.waitForAll()
        }
    }

    private static func yield() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }

    /// Who has the advisory lock of that number in this database.
    private static func locks(_ number: Int) -> String {
        """
        SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) + objid::bigint = \
        \(number) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
    }
}

extension PostgresFixture {
    /// Processes of the server that the storage is connected to.
    fileprivate var backends: [Int32] {
        get async throws {
            let text = try await database.sql(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    + "AND application_name = 'orderd'")
            return text.split(separator: "\n").compactMap { Int32($0) }
        }
    }
}
