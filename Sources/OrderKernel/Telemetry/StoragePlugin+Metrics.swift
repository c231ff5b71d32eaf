extension StoragePlugin {
    /// How many connections there are to the database, as OpenTelemetry's conventions for databases have it; nothing
    /// where there are none.
    func measure(at time: TelemetryTime) -> [MetricRecord] {
        guard let connections else { return [] }
        let pool = [TelemetryAttribute("db.client.connection.pool.name", .string(Self.name))]
        func point(_ value: Int, _ state: String? = nil) -> MetricRecord.Point<MetricRecord.Number> {
            let state = state.map { [TelemetryAttribute("db.client.connection.state", .string($0))] } ?? []
            return MetricRecord.Point(
                attributes: pool + state, start: time, time: time, value: .int(Int64(value)))
        }
        func record(
            _ name: String, _ description: String, _ unit: String, _ points: [MetricRecord.Point<MetricRecord.Number>]
        ) -> MetricRecord {
            MetricRecord(
                name: "db.client.connection." + name, description: description, unit: unit,
                data: .sum(points, isMonotonic: false))
        }
        return [
            record(
                "count", "Connections that there are.", "{connection}",
                [point(connections.idle, "idle"), point(connections.used, "used")]),
            record("max", "Most connections that there may be.", "{connection}", [point(connections.most)]),
            record(
                "pending_requests", "Requests that wait for a connection.", "{request}", [point(connections.waiting)]),
        ]
    }
}
