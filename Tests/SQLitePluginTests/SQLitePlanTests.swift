import OrderKernel
import Testing

@testable import SQLitePlugin

@Suite("Plans of SQLite for many orders", .timeLimit(.minutes(5)))
struct SQLitePlanTests {
    /// Fills the tables with a million orders: mostly closed, of five wood types and 20,000 customers; a status, a wood
    /// type and a customer have four orders each.
    private static let fill = """
        WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1000000)
        INSERT INTO orders (id, customer_id, wood_type, quantity, status, created_at, updated_at, revision)
        SELECT number, CASE number % 250000 WHEN 4 THEN 'rare' ELSE 'customer_' || (number % 20000) END,
            CASE WHEN number % 250000 = 5 THEN 'ebony' WHEN number % 5 = 0 THEN 'oak' WHEN number % 5 = 1 THEN 'maple'
            WHEN number % 5 = 2 THEN 'birch' WHEN number % 5 = 3 THEN 'elm' ELSE 'pine' END, 5,
            CASE WHEN number % 1000 = 0 THEN 'registered' WHEN number % 100 = 1 THEN 'ready'
            WHEN number % 250000 = 6 THEN 'blocked' ELSE 'closed' END, 0, 0, 1
        FROM numbers
        """

    @Test("a list with one filter reads at most ten times the rows that it returns")
    func lists() async throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        try await fixture.running { storage, _ in
            let connection = try fixture.otherConnection()
            defer { connection.close() }
            try connection.execute("PRAGMA synchronous = OFF")
            try connection.execute(Self.fill)
            for query in Self.queries {
                let rows = try await storage.orders(query, before: .now + .seconds(60))
                let read = try rowsRead(by: query, returning: rows, on: connection)
                #expect(!rows.isEmpty, "\(query)")
                #expect(read <= rows.count * 10, "\(query): \(read) rows read for \(rows.count)")
            }
        }
    }

    private static let queries = [
        OrderQuery(limit: 101), OrderQuery(limit: 101, after: 500_000, direction: .descending),
        OrderQuery(status: .registered, limit: 101), OrderQuery(status: .closed, limit: 1_001),
        OrderQuery(status: .ready, limit: 101, after: 900_000),
        OrderQuery(status: .registered, limit: 101, direction: .descending),
        OrderQuery(customerID: "customer_7", limit: 101), OrderQuery(woodType: "pine", limit: 1_001),
        OrderQuery(status: .blocked, limit: 101), OrderQuery(customerID: "rare", limit: 101),
        OrderQuery(woodType: "ebony", limit: 101), OrderQuery(woodType: "ebony", limit: 101, direction: .descending),
    ]

    /// Rows that a list looks at: those that it returns where an index finds them, and otherwise those on the way.
    private func rowsRead(by query: OrderQuery, returning rows: [Order], on connection: Connection) throws -> Int {
        let plan = try connection.prepare("EXPLAIN QUERY PLAN " + ListShape(query).sql(columns: "*"))
        var steps: [String] = []
        while try plan.step() { steps.append(plan.text(3) ?? "") }
        plan.reset()
        switch steps {
        case ["SEARCH orders USING INDEX orders_status_id (status=? AND id>?)"],
            ["SEARCH orders USING INDEX orders_status_id (status=? AND id<?)"],
            ["SEARCH orders USING INDEX orders_customer_id (customer_id=? AND id>?)"],
            ["SEARCH orders USING INDEX orders_wood_type_id (wood_type=? AND id>?)"],
            ["SEARCH orders USING INDEX orders_wood_type_id (wood_type=? AND id<?)"]:
            return rows.count
        case ["SEARCH orders USING INTEGER PRIMARY KEY (rowid>?)"]:
            return Int((rows.last?.id ?? 0) - (query.after ?? 0))
        case ["SEARCH orders USING INTEGER PRIMARY KEY (rowid<?)"]:
            return Int((query.after ?? 1_000_001) - (rows.last?.id ?? 0))
        default:
            Issue.record("another plan: \(steps)")
            return .max
        }
    }
}
