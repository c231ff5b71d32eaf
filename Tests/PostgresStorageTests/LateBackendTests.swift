import Foundation
import OrderKernel
import OrderKernelTesting
import PostgresTesting
import Testing

/// A process of the server that wakes up late does nothing twice.
@Suite(
    "A late process of the server", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct LateBackendTests {
    @Test("what it has received and not done is not done after all")
    func late() async throws {
        try await PostgresServer.shared.withDatabase { database in
            try await StorageAtWork.run(at: database.url, "statement_timeout: 500ms") { work in
                try await work.create("first")
                let backends = try await database.backends()
                backends.forEach { kill($0, SIGSTOP) }
                // Goes out to the process that is stopped, and then anew to another.
                try await work.create("second")
                for number in 0..<200 { try await work.create("\(number)") }
                backends.forEach { kill($0, SIGCONT) }
                while try await !Set(database.backends()).isDisjoint(with: backends) { await Task.yield() }
                let orders = try await work.all()
                #expect(orders.count == 202)
                #expect(Set(orders.map(\.customerID)).count == 202)
            }
        }
    }
}

extension PostgresDatabase {
    /// Processes of the server that have this database open, but for the one that is asked.
    func backends() async throws -> [Int32] {
        let text = try await sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = '\(name)' AND pid <> pg_backend_pid() ORDER BY pid")
        return text.split(separator: "\n").compactMap { Int32($0) }
    }
}
