/// One look at numbers that add up elsewhere: makes the records of metrics that are only read.
struct MetricReading {
    /// Since when what only grows has been counted.
    let start: TelemetryTime
    /// When the numbers are read; never before ``start``.
    let time: TelemetryTime

    init(since start: TelemetryTime, at time: TelemetryTime) {
        self.start = start
        self.time = max(time, start)
    }

    /// A whole number that only grows.
    func total(_ name: String, _ description: String, unit: String, _ value: Int) -> MetricRecord {
        MetricRecord(
            name: name, description: description, unit: unit,
            data: .sum([point(.int(Int64(value)))], isMonotonic: true))
    }

    /// A whole number that goes up and down.
    func sum(
        _ name: String, _ description: String, unit: String, _ value: Int, _ attributes: [TelemetryAttribute] = []
    ) -> MetricRecord {
        MetricRecord(
            name: name, description: description, unit: unit,
            data: .sum([point(.int(Int64(value)), attributes)], isMonotonic: false))
    }

    /// A number whose sum over several services means nothing.
    func gauge(
        _ name: String, _ description: String, unit: String = "", _ value: MetricRecord.Number,
        _ attributes: [TelemetryAttribute] = []
    ) -> MetricRecord {
        MetricRecord(name: name, description: description, unit: unit, data: .gauge([point(value, attributes)]))
    }

    func point(
        _ value: MetricRecord.Number, _ attributes: [TelemetryAttribute] = []
    ) -> MetricRecord.Point<MetricRecord.Number> {
        MetricRecord.Point(attributes: attributes, start: start, time: time, value: value)
    }
}
