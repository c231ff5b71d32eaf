import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

@Suite(
    "Sessions on PostgreSQL", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct PostgresSessionTests {
    /// What the server has of a storage's connections.
    private static let sessions =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    @Test(
        "what is answered survives a loss of power, also where database and role have it otherwise",
        arguments: [true, false])
    func durable(prepares: Bool) async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { _, _ in }
            try await fixture.database.sql(
                """
                CREATE TABLE seen (place text, value text);
                CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN INSERT INTO seen VALUES (TG_OP, current_setting(''synchronous_commit'')); RETURN NULL; END';
                CREATE TRIGGER see AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION see();
                ALTER DATABASE \(fixture.database.name) SET synchronous_commit = off
                """)
            try await fixture.running("prepare: \(prepares)") { storage, _ in
                try await storage.commit([.create(.oak(), key: nil)])
                try await storage.commit([.create(.oak(), key: IdempotencyKey(principal: "", text: "k"))])
                try await storage.commit([.update(1, OrderChange(status: .ready))])
            }
            let seen = try await fixture.database.sql("SELECT place, value FROM seen ORDER BY place")
            #expect(seen == "INSERT|on\nINSERT|on\nUPDATE|on")
        }
    }

    @Test("a stricter durability of the database is left as it is", arguments: [true, false])
    func stricter(prepares: Bool) async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { _, _ in }
            try await fixture.database.sql(
                """
                CREATE TABLE seen (value text);
                CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN INSERT INTO seen VALUES (current_setting(''synchronous_commit'')); RETURN NULL; END';
                CREATE TRIGGER see AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION see();
                ALTER DATABASE \(fixture.database.name) SET synchronous_commit = remote_apply
                """)
            try await fixture.running("prepare: \(prepares)") { storage, _ in
                _ = try await storage.commit([.create(.oak(), key: nil)])
            }
            #expect(try await fixture.database.sql("SELECT value FROM seen") == "remote_apply")
        }
    }

    @Test("a connection is replaced at the end of its lifetime, and nothing fails meanwhile")
    func lifetime() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running("pool: {max: 2, lifetime: 1s}") { storage, _ in
                var writers: Set<String> = []
                while writers.count < 3 {
                    try Task.checkCancellation()
                    try await storage.commit([.create(.oak(), key: nil)])
                    _ = try await storage.order(1, before: .now + .seconds(60))
                    let writer = try await fixture.database.sql(Self.sessions + " AND query LIKE '%INSERT%'")
                    if !writer.isEmpty { writers.insert(writer) }
                }
            }
        }
    }

    @Test("a connection that reads is given up when it has been idle, and made again when it is needed")
    func idleTimeout() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running("pool: {max: 2, idle_timeout: 1s}") { storage, _ in
                for _ in 1...2 {
                    _ = try await storage.order(1, before: .now + .seconds(60))
                    try await waitForSessions(2, fixture)
                    try await waitForSessions(1, fixture)
                }
            }
        }
    }

    private func waitForSessions(_ count: Int, _ fixture: PostgresFixture) async throws {
        while try await fixture.database.sql("SELECT count(*) FROM (\(Self.sessions)) sessions") != "\(count)" {
            try Task.checkCancellation()
        }
    }
}
