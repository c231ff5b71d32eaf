internal import OrderKernel

extension MessageSink where Self: ~Copyable {
    mutating func metric(_ metric: MetricRecord, _ temporality: Temporality) {
        text(1, "name", metric.name)
        if !metric.description.isEmpty { text(2, "description", metric.description) }
        if !metric.unit.isEmpty { text(3, "unit", metric.unit) }
        let aggregation: UInt32 = temporality.isDelta(metric) ? 1 : 2  // as OTLP numbers them
        switch metric.data {
        case .gauge(let points): message(5, "gauge") { $0.messages(1, "dataPoints", points) { $0.point($1) } }
        case .sum(let points, let isMonotonic):
            message(7, "sum") { sink in
                sink.messages(1, "dataPoints", points) { $0.point($1) }
                sink.small(2, "aggregationTemporality", aggregation)
                if isMonotonic { sink.bool(3, "isMonotonic", true) }
            }
        case .histogram(let points):
            message(9, "histogram") { sink in
                sink.messages(1, "dataPoints", points) { $0.point($1) }
                sink.small(2, "aggregationTemporality", aggregation)
            }
        @unknown default: break
        }
    }

    private mutating func point(_ point: MetricRecord.Point<MetricRecord.Number>) {
        fixed64(2, "startTimeUnixNano", point.start.nanoseconds)
        fixed64(3, "timeUnixNano", point.time.nanoseconds)
        switch point.value {
        case .double(let value): double(4, "asDouble", value)
        case .int(let value): signedFixed64(6, "asInt", value)
        }
        attributes(7, TelemetryAttributes(point.attributes))
    }

    private mutating func point(_ point: MetricRecord.Point<MetricRecord.Distribution>) {
        let value = point.value
        fixed64(2, "startTimeUnixNano", point.start.nanoseconds)
        fixed64(3, "timeUnixNano", point.time.nanoseconds)
        fixed64(4, "count", value.count)
        double(5, "sum", value.sum)
        fixed64s(6, "bucketCounts", value.counts)
        doubles(7, "explicitBounds", value.bounds)
        if !value.exemplars.isEmpty { messages(8, "exemplars", value.exemplars) { $0.exemplar($1) } }
        attributes(9, TelemetryAttributes(point.attributes))
    }

    private mutating func exemplar(_ exemplar: MetricRecord.Exemplar) {
        fixed64(2, "timeUnixNano", exemplar.time.nanoseconds)
        double(3, "asDouble", exemplar.value)
        id(4, "spanId", exemplar.spanID)
        id(5, "traceId", exemplar.traceID)
    }
}
