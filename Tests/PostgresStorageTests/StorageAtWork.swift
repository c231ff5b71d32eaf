import Foundation
import Logging
import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting

/// A storage at work on a database, and short words for what tests do with it.
struct StorageAtWork: Sendable {
    let storage: PostgresStorage
    let context: PluginContext

    /// Runs a storage while `body` uses it.
    /// - Parameter settings: What a profile says below `postgres:`, but for the URL.
    static func run<Value: Sendable>(
        at url: String, _ settings: String = "", _ body: (StorageAtWork) async throws -> Value
    ) async throws -> Value {
        let logger = Logger(label: "postgres") { _ in SwiftLogNoOpLogHandler() }
        let context = PluginContext.standalone("postgres", logger: logger, time: SystemTime())
        let storage = PostgresStorage(try .init(yaml: "url: \(url)\n" + settings), context: context)
        return try await withRunning(storage, context) {
            try await body(StorageAtWork(storage: storage, context: context))
        }
    }

    func commit(_ writes: [Write]) async throws(StorageError) -> [WriteOutcome] {
        let batch = WriteBatch(
            writes: writes, time: SystemTime().date, deadline: .now + .seconds(30), rules: .standard)
        return try await storage.commitWhole(batch)
    }

    /// Creates orders, one for each customer.
    @discardableResult
    func create(_ customers: String...) async throws(StorageError) -> [Order.ID] {
        try await commit(customers.map { .create(.oak($0), key: nil) }).compactMap(\.createdID)
    }

    /// All orders, by id.
    func all() async throws(StorageError) -> [Order] {
        var orders: [Order] = []
        while true {
            let page = try await storage.orders(
                OrderQuery(limit: 1_000, after: orders.last?.id), before: .now + .seconds(60))
            orders += page
            if page.count < 1_000 { return orders }
        }
    }
}

extension OrderDraft {
    static func oak(_ customer: String) -> OrderDraft {
        OrderDraft(customerID: customer, woodType: "oak", quantity: 5)
    }
}

extension WriteOutcome {
    /// Id of the order that was created; `nil` where none was.
    var createdID: Order.ID? {
        if case .created(let order) = self { order.id } else { nil }
    }
}

/// Whether tests take the time they need: each byte instead of some. `make test-long` asks for it.
let isLong = ProcessInfo.processInfo.environment["ORDERD_LONG_TESTS"] != nil
