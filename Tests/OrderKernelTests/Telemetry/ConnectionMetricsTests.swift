import Testing

@testable import OrderKernel

@Suite("Metrics of connections to a database")
struct ConnectionMetricsTests {
    private let start = TelemetryTime(nanoseconds: 1)
    private let now = TelemetryTime(nanoseconds: 2)

    /// A line for each point, without what all names begin with.
    private func lines(_ pools: [ConnectionPool]) -> [String] {
        var database = DatabaseDescription(system: "other")
        database.pools = pools
        return database.measure(since: start, at: now).flatMap { record -> [String] in
            guard case .sum(let points, let isMonotonic) = record.data else { return ["\(record.data)"] }
            return points.map { point in
                #expect(point.start == start && point.time == now)
                let attributes = point.attributes.map { "\($0.key)=\($0.value)" }
                let words = [record.name, record.unit, isMonotonic ? "counter" : "level"] + attributes
                return (words.joined(separator: " ") + ": \(point.value)")
                    .replacing("db.client.connection.", with: "")
            }
        }
    }

    @Test("each pool has points of its own, and one without a limit has no maximum")
    func pools() {
        let lines = lines([
            ConnectionPool(name: "a", used: 1, idle: 2, most: 5, waiting: 3, timeouts: 4),
            ConnectionPool(name: "b", used: 6, idle: 7),
        ])
        #expect(
            lines == [
                "count {connection} level pool.name=a state=idle: int(2)",
                "count {connection} level pool.name=b state=idle: int(7)",
                "count {connection} level pool.name=a state=used: int(1)",
                "count {connection} level pool.name=b state=used: int(6)",
                "max {connection} level pool.name=a: int(5)",
                "pending_requests {request} level pool.name=a: int(3)",
                "pending_requests {request} level pool.name=b: int(0)",
                "timeouts {timeout} counter pool.name=a: int(4)",
                "timeouts {timeout} counter pool.name=b: int(0)",
            ])
    }

    @Test("a storage without connections has no such metrics")
    func none() {
        #expect(lines([]) == [])
    }
}
