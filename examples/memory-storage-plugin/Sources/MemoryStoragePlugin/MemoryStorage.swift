import OrderKernel
import Synchronization

/// Keeps orders in memory, for as long as the process runs.
public final class MemoryStorage: StoragePlugin {
    public static let name = "memory"
    public static let summary = "Keeps orders in memory, until the process ends."

    public struct Configuration: PluginConfiguration {
        let capacity: Int

        public init(from settings: inout Settings) {
            capacity = settings.value("capacity", default: 1_000_000, "Most orders that are kept.", in: 1...100_000_000)
        }
    }

    private struct Table {
        var orders: [Order] = []
        var keys: [IdempotencyKey: KeyedOrder] = [:]

        subscript(id: Order.ID) -> Order? { id > 0 && id <= orders.count ? orders[Int(id) - 1] : nil }

        mutating func commit(_ batch: WriteBatch, capacity: Int) throws(StorageError) -> [WriteOutcome] {
            var rows = CurrentRows()
            for key in batch.keys { rows.keys[key] = keys[key] }
            for id in batch.updatedIDs + rows.keys.values.map(\.orderID) { rows.orders[id] = self[id] }
            let effects = batch.effects(on: rows, nextID: Order.ID(orders.count) + 1)
            guard orders.count + effects.inserted.count <= capacity else {
                throw StorageError(.unavailable, code: "full", detail: "capacity is \(capacity)")
            }
            orders += effects.inserted
            for order in effects.updated { orders[Int(order.id) - 1] = order }
            for taken in effects.takenKeys { keys[taken.key] = taken.value }
            return effects.outcomes
        }
    }

    private let table = Mutex(Table())  // protects the orders
    private let capacity: Int

    public init(_ configuration: Configuration, context: PluginContext) {
        capacity = configuration.capacity
    }

    public func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        try table.withLock { table throws(StorageError) in try table.commit(batch, capacity: capacity) }
    }

    public func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        table.withLock { $0[id] }
    }

    public func orders(
        _ query: OrderQuery, before deadline: Instant
    ) async throws(StorageError) -> [Order] {
        let orders = table.withLock(\.orders)
        return query.page(of: query.direction == .ascending ? orders : orders.reversed())
    }
}
