import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

/// What others do to the tables while orderd uses them.
@Suite("Tables that others change", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
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

    @Test("when a column has another type, or a session has lost what it had prepared, reads and writes go on")
    func anotherType() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running("pool: {max: 2}") { storage, context in
                func useAll(_ status: OrderStatus) async throws {
                    try await storage.commit([.create(.oak(), key: nil)])
                    try await storage.commit([.update(1, OrderChange(status: status))])
                    let order = try await storage.order(1, before: .now + .seconds(60))
                    #expect(order?.status == status)
                    #expect(try await storage.allOrders().first?.status == status)
                }
                try await useAll(.ready)
                for (type, status) in [("varchar(200)", OrderStatus.blocked), ("text", .ready)] {
                    try await fixture.database.sql(
                        "ALTER TABLE orders ALTER customer_id TYPE \(type) COLLATE \"C\"")
                    try await useAll(status)
                    #expect(context.state == .ready)
                }
            }
        }
    }

    @Test(
        "what was altered so that it would be misread is not read, and the next start says what to alter",
        arguments: [
            ("quantity", "numeric", "integer"), ("revision", "text", "bigint"),
            ("created_at", "timestamp", "timestamptz"),
        ])
    func misreadType(column: String, type: String, made: String) async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                try await storage.commit([.create(.oak(), key: nil)])
                _ = try await storage.allOrders()
                try await fixture.database.sql("ALTER TABLE orders ALTER \(column) TYPE \(type)")
                for _ in 1...3 {
                    let error = await #expect(throws: StorageError.self) { try await storage.allOrders() }
                    #expect(error?.code == "corrupt" && error?.detail.contains(column) == true, "\(error as Any)")
                }
            }
            let error = await fixture.startError()
            let words = "the column \(column) of orders in the schema \"public\" is \(type)"
            #expect(error?.contains(words) == true, "\(error ?? "it started")")
            #expect(error?.contains("would be misread: alter it to \(made)") == true)
        }
    }

    @Test("a column of a type that stands for one that is read is read", arguments: ["integer", "bigint"])
    func domain(type: String) async throws {
        try await PostgresFixture.with { fixture in
            _ = try await fixture.running { storage, _ in try await storage.commit([.create(.oak(), key: nil)]) }
            try await fixture.database.sql(
                """
                CREATE DOMAIN amount AS \(type) CHECK (value > 0); CREATE DOMAIN pieces AS amount;
                ALTER TABLE orders ALTER quantity TYPE pieces
                """)
            let orders = try await fixture.running { storage, _ in try await storage.allOrders() }
            #expect(orders.map(\.quantity) == [5])
        }
    }

    @Test("an order that lacks what it must have is not read")
    func nullValue() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running { storage, _ in
                try await storage.commit([.create(.oak(), key: nil), .create(.oak(), key: nil)])
                try await fixture.database.sql(
                    "ALTER TABLE orders ALTER quantity DROP NOT NULL; UPDATE orders SET quantity = NULL WHERE id = 1")
                let error = await #expect(throws: StorageError.self) {
                    try await storage.order(1, before: .now + .seconds(60))
                }
                #expect(error?.code == "corrupt")
                #expect(try await storage.order(2, before: .now + .seconds(60))?.quantity == 5)
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

    @Test("lists that take long, each within its time, do not cost their connection, however many go together")
    func slowLists() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running("statement_timeout: 2s, pool: {max: 2, acquire_timeout: 60s}") { storage, _ in
                try await storage.commit([.create(.oak(), key: nil)])
                try await fixture.database.sql(
                    "ALTER TABLE orders RENAME TO base; "
                        + "CREATE VIEW orders AS SELECT b.* FROM base b, (SELECT pg_sleep(0.7)) s")
                func list() async throws {
                    #expect(try await storage.orders(OrderQuery(), before: .now + .seconds(60)).count == 1)
                }
                try await list()
                let before = try await fixture.database.sql(Self.backends)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for _ in 0..<9 { tasks.addTask { try await list() } }
                    try await tasks.waitForAll()
                }
                #expect(try await fixture.database.sql(Self.backends) == before)
            }
        }
    }

    private static let backends = """
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orderd' ORDER BY pid
        """
}
