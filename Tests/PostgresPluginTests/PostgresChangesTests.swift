import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

/// What others do to the tables while orderd uses them.
@Suite("Tables that others change", .enabled(if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct PostgresChangesTests {
    /// Leaves out, and says nothing of it, new orders of some customers and changes of them.
    private static let trigger = """
        CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.customer_id LIKE 'skip%' THEN RETURN NULL; END IF;
            RETURN NEW;
        END $$;
        """

    @Test("a batch of which a trigger leaves out an order is not stored, and fails", arguments: [true, false])
    func skippedOrder(isKeyed: Bool) async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                try await fixture.database.sql(
                    Self.trigger + "CREATE TRIGGER skip BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION skip()")
                for customers in [["a", "skip", "b"], ["skip"], ["a", "skip"]] {
                    let writes = customers.map { customer in
                        let key = IdempotencyKey(principal: "", text: customer)
                        return Write.create(.oak(customer), key: isKeyed ? key : nil)
                    }
                    let error = await #expect(throws: StorageError.self) { try await storage.commit(writes) }
                    #expect(error?.kind == .failed)
                    #expect(error?.code == "constraint")
                    #expect(error?.detail.contains("left out") == true)
                }
                #expect(try await storage.allOrders().isEmpty)
                let outcomes = try await storage.commit([.create(.oak("a"), key: nil), .create(.oak("b"), key: nil)])
                let orders = try await storage.allOrders()
                #expect(outcomes == orders.map { .created($0) })
                #expect(orders.map(\.customerID) == ["a", "b"])
            }
        }
    }

    @Test("a change that a trigger leaves out is no success")
    func skippedChange() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                try await storage.commit([.create(.oak("skip"), key: nil), .create(.oak("a"), key: nil)])
                try await fixture.database.sql(
                    Self.trigger + "CREATE TRIGGER skip BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION skip()")
                let ready = OrderChange(status: .ready)
                let error = await #expect(throws: StorageError.self) {
                    try await storage.commit([.update(1, ready), .update(2, ready)])
                }
                #expect(error?.kind == .failed)
                #expect(try await storage.allOrders().map(\.status) == [.registered, .registered])
                try await storage.commit([.update(2, ready)])
                #expect(try await storage.allOrders().map(\.status) == [.registered, .ready])
            }
        }
    }

    @Test("keys are stored in one order, whatever that of the writes, so that processes wait for each other in turn")
    func keyOrder() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                try await storage.commit(
                    ["c", "a", "d", "b"].map { .create(.oak(), key: IdempotencyKey(principal: "", text: $0)) })
                let keys = try await fixture.database.sql(
                    "SELECT convert_from(key, 'UTF8') FROM order_keys ORDER BY ctid")
                #expect(keys == "a\nb\nc\nd")
            }
        }
    }
}
