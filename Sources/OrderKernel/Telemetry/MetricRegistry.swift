internal import Synchronization

/// Every metric that is recorded in the process: its name once, and a cell for each set of attributes.
///
/// Whoever records asks for a cell once and keeps it; recording itself touches the cell alone.
final class MetricRegistry: Sendable {
    /// What a metric is called and how its values come together.
    struct Descriptor: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            case counter
            /// A whole number that goes up and down.
            case upDown
            case sum
            case gauge
            case histogram(bounds: [Double])
        }

        var name: String
        var description = ""
        var unit = ""
        var kind: Kind
    }

    /// Most sets of attributes of one metric; the rest share a cell with `otel.metric.overflow`.
    static let mostCells = 2_000
    /// Most metrics; those beyond are recorded but never collected.
    static let mostMetrics = 1_000

    fileprivate struct Entry {
        let attributes: [TelemetryAttribute]
        let cell: MetricCell
    }

    fileprivate struct Metric {
        let descriptor: Descriptor
        var cells: [[TelemetryAttribute]: Int] = [:]
        var entries: [Entry] = []
    }

    fileprivate struct State {
        var positions: [String: Int] = [:]
        var metrics: [Metric] = []
    }

    private let state = Mutex(State())  // protects which metrics and cells there are
    private let clock: TelemetryClock
    /// Since when all of them add up.
    let start: TelemetryTime

    init(clock: TelemetryClock) {
        self.clock = clock
        self.start = clock.now
    }

    /// The cell of a metric for a set of attributes, whatever their order; the same one each time.
    ///
    /// A name that is in use for another kind of metric gets a cell that is never collected.
    func cell(_ descriptor: Descriptor, _ attributes: [TelemetryAttribute]) -> MetricCell {
        let attributes = Self.normal(attributes)
        return state.withLock { state in
            guard let position = state.position(of: descriptor) else { return MetricCell(descriptor.kind) }
            return state.metrics[position].cell(attributes)
        }
    }

    /// As ``cell(_:_:)``, of what is only added up.
    func counter(
        _ name: String, _ description: String, unit: String, _ attributes: [TelemetryAttribute]
    ) -> CounterCell {
        let descriptor = Descriptor(name: name, description: description, unit: unit, kind: .counter)
        return if case .counter(let cell) = cell(descriptor, attributes) { cell } else { CounterCell() }
    }

    /// As ``cell(_:_:)``, of a whole number that goes up and down.
    func upDown(
        _ name: String, _ description: String, unit: String, _ attributes: [TelemetryAttribute]
    ) -> CounterCell {
        let descriptor = Descriptor(name: name, description: description, unit: unit, kind: .upDown)
        return if case .upDown(let cell) = cell(descriptor, attributes) { cell } else { CounterCell() }
    }

    /// As ``cell(_:_:)``, of values in buckets.
    func histogram(
        _ name: String, _ description: String, unit: String, bounds: [Double], _ attributes: [TelemetryAttribute]
    ) -> Histogram {
        let kind = Descriptor.Kind.histogram(bounds: bounds)
        let descriptor = Descriptor(name: name, description: description, unit: unit, kind: kind)
        return if case .histogram(let cell) = cell(descriptor, attributes) { cell } else { Histogram(bounds: bounds) }
    }

    /// All metrics as they stand, in the order they became known; without histograms that hold no value.
    func collect() -> [MetricRecord] {
        let time = clock.now
        return state.withLock { $0.metrics }.compactMap { $0.record(from: start, at: time) }
    }

    /// Sorted, and each key once: the last one wins.
    private static func normal(_ attributes: [TelemetryAttribute]) -> [TelemetryAttribute] {
        var byKey: [String: TelemetryAttribute] = [:]
        for attribute in attributes { byKey[attribute.key] = attribute }
        return byKey.values.sorted { $0.key < $1.key }
    }
}

extension MetricRegistry.State {
    fileprivate mutating func position(of descriptor: MetricRegistry.Descriptor) -> Int? {
        if let position = positions[descriptor.name] {
            return metrics[position].descriptor.kind == descriptor.kind ? position : nil
        }
        guard metrics.count < MetricRegistry.mostMetrics else { return nil }
        positions[descriptor.name] = metrics.count
        metrics.append(MetricRegistry.Metric(descriptor: descriptor))
        return metrics.count - 1
    }
}

extension MetricRegistry.Metric {
    fileprivate mutating func cell(_ attributes: [TelemetryAttribute]) -> MetricCell {
        if let position = cells[attributes] { return entries[position].cell }
        if entries.count >= MetricRegistry.mostCells - 1, attributes != Self.overflow {
            return cell(Self.overflow)
        }
        let entry = MetricRegistry.Entry(attributes: attributes, cell: MetricCell(descriptor.kind))
        cells[attributes] = entries.count
        entries.append(entry)
        return entry.cell
    }

    private static var overflow: [TelemetryAttribute] { [TelemetryAttribute("otel.metric.overflow", .bool(true))] }

    /// - Returns: `nil` where there is no point.
    fileprivate func record(from start: TelemetryTime, at time: TelemetryTime) -> MetricRecord? {
        let data: MetricRecord.Data
        switch descriptor.kind {
        case .counter, .sum:
            data = .sum(points(from: start, at: time) { $0.number }, isMonotonic: true)
        case .upDown:
            data = .sum(points(from: start, at: time) { $0.number }, isMonotonic: false)
        case .gauge:
            data = .gauge(points(from: start, at: time) { $0.number })
        case .histogram:
            let points = points(from: start, at: time) { cell in
                var distribution = cell.distribution
                distribution?.exemplars.removeAll { $0.time > time }  // they came meanwhile, and the next time counts
                return distribution
            }.filter { $0.value.count > 0 }
            if points.isEmpty { return nil }
            data = .histogram(points)
        }
        return MetricRecord(
            name: descriptor.name, description: descriptor.description, unit: descriptor.unit, data: data)
    }

    private func points<Value>(
        from start: TelemetryTime, at time: TelemetryTime, _ value: (MetricCell) -> Value?
    ) -> [MetricRecord.Point<Value>] {
        entries.compactMap { entry in
            value(entry.cell).map {
                MetricRecord.Point(attributes: entry.attributes, start: start, time: time, value: $0)
            }
        }
    }
}
