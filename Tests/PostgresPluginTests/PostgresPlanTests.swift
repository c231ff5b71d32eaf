import Foundation
import OrderKernel
import OrderKernelTesting
import PostgresTesting
import Testing

@testable import PostgresPlugin

@Suite(
    "Plans of PostgreSQL for many orders", .needs("PostgreSQL", if: PostgresServer.programs != nil),
    .timeLimit(.minutes(5)))
struct PostgresPlanTests {
    /// Fills the tables with a million orders: mostly closed, of five wood types and 20,000 customers; a status, a wood
    /// type and a customer have four orders each.
    private static let fill = """
        INSERT INTO orders (customer_id, wood_type, quantity, status, created_at, updated_at, revision)
        SELECT CASE number % 250000 WHEN 4 THEN 'rare' ELSE 'customer_' || number % 20000 END,
            CASE number % 250000 WHEN 5 THEN 'ebony'
            ELSE (ARRAY['oak', 'maple', 'birch', 'elm', 'pine'])[1 + number % 5] END, 5,
            CASE WHEN number % 1000 = 0 THEN 'registered' WHEN number % 100 = 1 THEN 'ready'
            WHEN number % 250000 = 6 THEN 'blocked' ELSE 'closed' END,
            now(), now(), 1
        FROM generate_series(1, 1000000) number
        """

    @Test("a list with one filter reads at most ten times the rows that it returns, with and without statistics")
    func lists() async throws {
        try await PostgresFixture.with { fixture in
            #expect(await fixture.startError() == nil)
            try await fixture.database.sql(Self.fill)
            for state in ["DELETE FROM pg_statistic WHERE starelid = 'orders'::regclass", "ANALYZE orders"] {
                try await fixture.database.sql(state)
                for query in Self.queries {
                    let plan = try await plan(of: query, in: fixture.database)
                    #expect(plan.rows > 0, "\(query)")
                    #expect(plan.read <= plan.rows * 10, "\(query): \(plan.text)")
                    #expect(!plan.text.contains("\"Sort\"") && !plan.text.contains("\"Seq Scan\""), "\(plan.text)")
                }
            }
        }
    }

    private static let queries =
        [
            OrderQuery(limit: 101), OrderQuery(limit: 101, direction: .descending), OrderQuery(limit: 1_001),
            OrderQuery(limit: 101, after: 500_000), OrderQuery(limit: 101, after: 500_000, direction: .descending),
        ]
        + [101, 1_001].flatMap { limit in
            [
                OrderQuery(status: .registered, limit: limit), OrderQuery(status: .closed, limit: limit),
                OrderQuery(status: .ready, limit: limit, after: 900_000),
                OrderQuery(status: .registered, limit: limit, direction: .descending),
                OrderQuery(customerID: "customer_7", limit: limit), OrderQuery(woodType: "pine", limit: limit),
                OrderQuery(status: .blocked, limit: limit), OrderQuery(customerID: "rare", limit: limit),
                OrderQuery(woodType: "ebony", limit: limit),
                OrderQuery(woodType: "ebony", limit: limit, direction: .descending),
            ]
        }

    private struct Plan {
        let rows: Int
        let read: Int
        let text: String
    }

    /// Carries a list out as the storage does, with a plan for its values.
    private func plan(of query: OrderQuery, in database: PostgresDatabase) async throws -> Plan {
        let call = ReadStatements(SchemaName("public")).list(query)
        let types = call.statement.types.map { $0.id == ParameterType.text.id ? "text" : "bigint" }
        let values = zip(call.parameters.values, types).map { bytes, type in
            let bytes = bytes ?? []
            return type == "text"
                ? "'\(String(decoding: bytes, as: UTF8.self))'" : "\(bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) })"
        }
        let text = try await database.sql(
            """
            SET plan_cache_mode = force_custom_plan; SET enable_sort = off; SET max_parallel_workers_per_gather = 0;
            PREPARE list (\(types.joined(separator: ", "))) AS \(call.statement.sql);
            EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE list (\(values.joined(separator: ", ")))
            """)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        let root = try #require(json.first?["Plan"] as? [String: Any])
        return Plan(rows: root["Actual Rows"] as? Int ?? 0, read: read(root), text: text)
    }

    /// Rows that the scans of a plan looked at.
    private func read(_ node: [String: Any]) -> Int {
        let below = (node["Plans"] as? [[String: Any]] ?? []).reduce(0) { $0 + read($1) }
        guard (node["Node Type"] as? String)?.contains("Scan") == true else { return below }
        return below + (node["Actual Rows"] as? Int ?? 0) + (node["Rows Removed by Filter"] as? Int ?? 0)
    }
}
