import Logging
import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting

/// Storages on a database of one test.
struct PostgresFixture {
    let database: PostgresDatabase

    /// Lends a fixture on a new database of the shared server.
    static func with<Value: Sendable>(_ body: (PostgresFixture) async throws -> Value) async throws -> Value {
        try await PostgresServer.shared.withDatabase { try await body(PostgresFixture(database: $0)) }
    }

    /// Runs a storage on the database while `body` uses it.
    /// - Parameter settings: Settings as one line of YAML, besides the URL: `prepare: false, schema: shop`.
    func running<Value: Sendable>(
        _ settings: String = "", url: String? = nil, servesOn: Bool = false,
        _ body: (PostgresStorage, PluginContext) async throws -> Value
    ) async throws -> Value {
        let logger = Logger(label: "postgres") { _ in SwiftLogNoOpLogHandler() }
        let context = PluginContext.standalone("postgres", logger: logger, time: SystemTime(), servesOn: servesOn)
        let storage = PostgresStorage(try configuration(settings, url: url), context: context)
        return try await withRunning(storage, context) { try await body(storage, context) }
    }

    func configuration(_ settings: String = "", url: String? = nil) throws -> PostgresStorage.Configuration {
        let comma = settings.isEmpty ? "" : ", "
        return try .init(yaml: "{url: '\(url ?? database.url)'\(comma)\(settings)}")
    }

    /// What the operator is told when a storage cannot start; `nil` when it can.
    func startError(_ settings: String = "", url: String? = nil) async -> String? {
        while !Task.isCancelled {
            do {
                try await running(settings, url: url) { _, _ in }
                return nil
            } catch {
                // A server on a busy machine may not answer a first attempt, and nothing was learnt then.
                if "\(error)".contains("(connection_timeout)") || "\(error)".contains("did not become ready") {
                    continue
                }
                return "\(error)"
            }
        }
        return "cancelled"
    }
}

extension PostgresStorage {
    @discardableResult
    func commit(
        _ writes: [Write], within time: Duration = .seconds(60)
    ) async throws(StorageError) -> [WriteOutcome] {
        let date = Timestamp(milliseconds: 1_762_597_800_123)
        return try await commitWhole(WriteBatch(writes: writes, time: date, deadline: .now + time, rules: .standard))
    }

    /// Every order, ascending.
    func allOrders() async throws(StorageError) -> [Order] {
        var all: [Order] = []
        while true {
            let page = try await orders(OrderQuery(limit: 1_000, after: all.last?.id), before: .now + .seconds(60))
            all += page
            if page.count < 1_000 { return all }
        }
    }
}

extension OrderDraft {
    /// Five pieces of oak.
    static func oak(_ customer: String = "c") -> OrderDraft {
        OrderDraft(customerID: customer, woodType: "oak", quantity: 5)
    }
}
