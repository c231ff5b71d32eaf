internal import OrderKernel
internal import Synchronization

/// Counts the connections of a pool, from all of its threads.
final class PoolGauge: Sendable {
    let open = Atomic(0)
    let used = Atomic(0)
    /// Requests that have waited for a connection in vain.
    let timeouts = Atomic(0)

    /// Whether there is any connection.
    var isConnected: Bool { open.load(ordering: .relaxed) > 0 }

    func pool(_ name: String, most: Int, waiting: Int) -> ConnectionPool {
        let used = used.load(ordering: .relaxed)
        return ConnectionPool(
            name: name, used: used, idle: max(0, open.load(ordering: .relaxed) - used), most: most, waiting: waiting,
            timeouts: timeouts.load(ordering: .relaxed))
    }
}

extension Atomic<Int> {
    func add(_ count: Int) { add(count, ordering: .relaxed) }
    func subtract(_ count: Int) { subtract(count, ordering: .relaxed) }
}
