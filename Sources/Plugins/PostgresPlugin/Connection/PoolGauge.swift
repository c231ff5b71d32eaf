internal import Metrics
internal import OrderKernel
internal import Synchronization

/// Counts the connections of a pool, and measures their times, from all of its threads.
final class PoolGauge: Sendable {
    /// How long it took to make a connection, to wait for one, and how long each use was.
    private let creation, wait, use: Metrics.Timer
    let open = Atomic(0)
    let used = Atomic(0)
    /// Requests that have waited for a connection in vain.
    let timeouts = Atomic(0)

    private let name: String

    /// - Parameter name: Of the pool, as OpenTelemetry's conventions for databases have it.
    init(_ name: String, factory: any MetricsFactory = MetricsSystem.factory) {
        self.name = name
        func timer(_ metric: String) -> Metrics.Timer {
            Timer(
                label: "db.client.connection." + metric, dimensions: [("db.client.connection.pool.name", name)],
                factory: factory)
        }
        (creation, wait, use) = (timer("create_time"), timer("wait_time"), timer("use_time"))
    }

    /// Whether there is any connection.
    var isConnected: Bool { open.load(ordering: .relaxed) > 0 }

    /// A connection was made.
    func noteCreation(since began: Instant) {
        open.add(1)
        creation.record(began)
    }

    /// A request has a connection.
    func noteWait(since began: Instant) { wait.record(began) }

    /// Counts a connection as used meanwhile.
    func using<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        let began = Instant.now
        used.add(1)
        defer {
            used.subtract(1)
            use.record(began)
        }
        return try body()
    }

    func pool(most: Int, waiting: Int) -> ConnectionPool {
        let used = used.load(ordering: .relaxed)
        return ConnectionPool(
            name: name, used: used, idle: max(0, open.load(ordering: .relaxed) - used), most: most, waiting: waiting,
            timeouts: timeouts.load(ordering: .relaxed))
    }
}

extension Metrics.Timer {
    /// Records the time since then.
    fileprivate func record(_ began: Instant) {
        recordNanoseconds(Int64((Instant.now - began) / .nanoseconds(1)))
    }
}

extension Atomic<Int> {
    func add(_ count: Int) { add(count, ordering: .relaxed) }
    func subtract(_ count: Int) { subtract(count, ordering: .relaxed) }
}
