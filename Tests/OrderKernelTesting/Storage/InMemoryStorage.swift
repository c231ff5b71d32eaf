public import OrderKernel
internal import Synchronization

/// A storage that forgets everything when it ends, for tests and as the smallest example of one.
public final class InMemoryStorage: StoragePlugin {
    public static let name = "memory"
    public static let summary = "Keeps orders in memory until the process ends."

    private let rows = Mutex(CurrentRows())  // protects all orders and keys

    public init(_ configuration: NoSettings, context: PluginContext) {}

    /// A storage without a profile and a service.
    public init() {}

    public func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        rows.withLock { rows in
            let effects = batch.effects(on: rows.touched(by: batch), nextID: Order.ID(rows.orders.count) + 1)
            rows.store(effects)
            return effects.outcomes
        }
    }

    public func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        rows.withLock { $0.orders[id] }
    }

    public func orders(
        _ query: OrderQuery, before deadline: Instant
    ) async throws(StorageError) -> [Order] {
        let orders = rows.withLock { Array($0.orders.values) }
        return query.page(of: orders.sorted { query.direction == .ascending ? $0.id < $1.id : $0.id > $1.id })
    }
}
