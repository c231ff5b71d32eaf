import Glibc
import Logging
import OrderKernel
import OrderKernelTesting

@testable import SQLitePlugin

/// A folder for one test, and storages in it.
struct SQLiteFixture {
    let folder: String

    var path: String { folder + "/orders.db" }

    var file: DatabaseFile {
        DatabaseFile(path: path, synchronous: .full, busyTimeout: .seconds(9), time: SystemTime())
    }

    init() {
        var name = Array("/tmp/sqlite-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&name) else { preconditionFailure("no folder for a test: errno \(errno)") }
        folder = String(cString: made)
    }

    func remove() {
        for name in ["orders.db", "orders.db-wal", "orders.db-shm", "orders.db-turn", "orders.db-journal"] {
            unlink("\(folder)/\(name)")
        }
        rmdir(folder)
    }

    /// A storage that is not started.
    /// - Parameters:
    ///   - settings: What a profile says below `sqlite:`, but for the path.
    ///   - path: Where else than at ``path``.
    func storage(
        _ settings: String = "", at path: String? = nil, context: PluginContext
    ) throws -> SQLiteStorage {
        SQLiteStorage(try .init(yaml: "path: \"\(path ?? self.path)\"\n" + settings), context: context)
    }

    /// Runs a storage while `body` uses it.
    func running<Value: Sendable>(
        _ settings: String = "", at path: String? = nil, time: any TimeSource = SystemTime(),
        _ body: (SQLiteStorage, PluginContext) async throws -> Value
    ) async throws -> Value {
        let logger = Logger(label: "sqlite") { _ in SwiftLogNoOpLogHandler() }
        let context = PluginContext.standalone("sqlite", logger: logger, time: time)
        let storage = try storage(settings, at: path, context: context)
        return try await withRunning(storage, context) { try await body(storage, context) }
    }

    /// What the operator is told when a storage cannot start; `nil` when it can.
    func startError(_ settings: String = "", at path: String? = nil) async -> String? {
        do {
            try await running(settings, at: path) { _, _ in }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Opens the file as another process would.
    func otherConnection() throws -> Connection {
        try Connection(
            path: path, ifMissing: .create, patience: Patience(timeout: .seconds(10), time: SystemTime()))
    }
}

extension SQLiteStorage {
    func create(_ count: Int, customer: String = "cust_1") async throws(StorageError) -> [Order.ID] {
        let draft = OrderDraft(customerID: customer, woodType: "oak", quantity: 5)
        let writes = [Write](repeating: .create(draft, key: nil), count: count)
        let batch = WriteBatch(
            writes: writes, time: SystemTime().date, deadline: .now + .seconds(60), rules: .standard)
        return try await commit(batch).compactMap { if case .created(let order) = $0 { order.id } else { nil } }
    }

    /// Ids of all orders, ascending.
    func allIDs() async throws(StorageError) -> [Order.ID] {
        var ids: [Order.ID] = []
        while true {
            let page = try await orders(OrderQuery(limit: 1_000, after: ids.last), before: .now + .seconds(60))
            ids += page.map(\.id)
            if page.count < 1_000 { return ids }
        }
    }
}

/// Size of a file in bytes; 0 where there is none.
func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
