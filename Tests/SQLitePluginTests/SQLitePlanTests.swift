import CSQLite
import OrderKernel
import Testing

@testable import SQLitePlugin

@Suite("Plans of SQLite for many orders", .timeLimit(.minutes(5)))
struct SQLitePlanTests {
    /// Fills the tables with 50,000 orders: mostly closed, of five wood types and 1,000 customers; a status, a wood
    /// type and a customer have four orders each.
    private static let fill = """
        WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 50000)
        INSERT INTO orders (id, customer_id, wood_type, quantity, status, created_at, updated_at, revision)
        SELECT number, CASE number % 12500 WHEN 4 THEN 'rare' ELSE 'customer_' || (number % 1000) END,
            CASE WHEN number % 12500 = 5 THEN 'ebony' WHEN number % 5 = 0 THEN 'oak' WHEN number % 5 = 1 THEN 'maple'
            WHEN number % 5 = 2 THEN 'birch' WHEN number % 5 = 3 THEN 'elm' ELSE 'pine' END, 5,
            CASE WHEN number % 1000 = 0 THEN 'registered' WHEN number % 100 = 1 THEN 'ready'
            WHEN number % 12500 = 6 THEN 'blocked' ELSE 'closed' END, 0, 0, 1
        FROM numbers
        """

    private static let queries = [
        OrderQuery(limit: 101), OrderQuery(limit: 101, after: 25_000, direction: .descending),
        OrderQuery(status: .registered, limit: 101), OrderQuery(status: .closed, limit: 1_001),
        OrderQuery(status: .ready, limit: 101, after: 45_000),
        OrderQuery(status: .registered, limit: 101, direction: .descending),
        OrderQuery(customerID: "customer_7", limit: 101), OrderQuery(woodType: "pine", limit: 1_001),
        OrderQuery(status: .blocked, limit: 101), OrderQuery(customerID: "rare", limit: 101),
        OrderQuery(woodType: "ebony", limit: 101), OrderQuery(woodType: "ebony", limit: 101, direction: .descending),
    ]

    /// Steps of SQLite's virtual machine that a row may take: it takes about 15, and all rows that are there take a
    /// hundred thousand or more.
    private static let stepsForRow = 20

    @Test("a list with one filter takes steps for the rows that it returns, and not for those that there are")
    func lists() async throws {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        try await fixture.running { _, _ in }
        let file = DatabaseFile(path: fixture.path, synchronous: .off, busyTimeout: .seconds(60), time: SystemTime())
        let connection = try file.connect(cache: .mebibytes(12))
        defer { connection.close() }
        try connection.execute(Self.fill)
        let reader = try OrderReader(connection)
        for query in Self.queries {
            let before = steps(on: connection)
            let rows = try reader.orders(query)
            let taken = steps(on: connection) - before
            #expect(!rows.isEmpty, "\(query)")
            #expect(
                taken > rows.count && taken <= rows.count * Self.stepsForRow, "\(query): \(taken) for \(rows.count)")
        }
    }

    /// Steps that all statements of a connection have taken so far.
    private func steps(on connection: Connection) -> Int {
        var statement = sqlite3_next_stmt(connection.handle, nil)
        var steps = 0
        while let next = statement {
            steps += Int(sqlite3_stmt_status(next, SQLITE_STMTSTATUS_VM_STEP, 0))
            statement = sqlite3_next_stmt(connection.handle, next)
        }
        return steps
    }
}
