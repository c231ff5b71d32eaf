import OrderKernel
import PostgresTesting
import Testing

@testable import PostgresPlugin

@Suite("Readiness of PostgreSQL", .enabled(if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
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
                while try await database.sql(Self.advisoryLocks).isEmpty { try Task.checkCancellation() }
                let first = Task { try await storage.commit([.create(.oak("first"), key: nil)]) }
                while storage.database.pools.first?.used == 0 { await Task.yield() }
                let second = Task { try await storage.commit([.create(.oak("second"), key: nil)]) }
                while storage.database.pools.first?.waiting == 0 { await Task.yield() }
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(Self.advisoryLocks)) AS locks")
                let error = await #expect(throws: StorageError.self) { try await first.value }
                #expect(error?.code == "disk_full")
                #expect(try await second.value.count == 1)
                #expect(context.state == .ready)
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
            }
        }
    }

    private static let advisoryLocks =
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 7"
}
