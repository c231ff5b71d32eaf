extension DatabaseDescription {
    /// How many connections there are to the database, as OpenTelemetry's conventions for databases have it; nothing
    /// where there are none.
    /// - Parameter start: Since when what only grows has been counted.
    func measure(since start: TelemetryTime, at time: TelemetryTime) -> [MetricRecord] {
        let reading = MetricReading(since: start, at: time)
        guard !pools.isEmpty else { return [] }
        func points(
            _ state: String? = nil, _ value: (ConnectionPool) -> Int?
        ) -> [MetricRecord.Point<MetricRecord.Number>] {
            pools.compactMap { pool in
                guard let value = value(pool) else { return nil }
                let name = [TelemetryAttribute("db.client.connection.pool.name", .string(pool.name))]
                let state = state.map { [TelemetryAttribute("db.client.connection.state", .string($0))] } ?? []
                return reading.point(.int(Int64(value)), name + state)
            }
        }
        func record(
            _ name: String, _ description: String, _ unit: String, _ points: [MetricRecord.Point<MetricRecord.Number>],
            isMonotonic: Bool = false
        ) -> MetricRecord {
            MetricRecord(
                name: "db.client.connection." + name, description: description, unit: unit,
                data: .sum(points, isMonotonic: isMonotonic))
        }
        let records = [
            record(
                "count", "Connections that there are.", "{connection}",
                points("idle", \.idle) + points("used", \.used)),
            record("max", "Most connections that there may be.", "{connection}", points(nil, \.most)),
            record(
                "pending_requests", "Requests that wait for a connection.", "{request}", points(nil, \.waiting)),
            record(
                "timeouts", "Requests that have waited for a connection in vain.", "{timeout}",
                points(nil, \.timeouts), isMonotonic: true),
        ]
        return records.filter { if case .sum(let points, _) = $0.data { !points.isEmpty } else { true } }
    }
}
