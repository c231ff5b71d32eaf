internal import OTLPFormat
internal import OrderKernel
internal import Synchronization

/// What a receiver has last taken of each metric whose points are differences, so that the next export holds what was
/// added since.
final class DeltaMemory: Sendable {
    fileprivate struct Key: Hashable {
        let metric: String
        let attributes: [TelemetryAttribute]
    }

    fileprivate struct State {
        var numbers: [Key: MetricRecord.Point<MetricRecord.Number>] = [:]
        var distributions: [Key: MetricRecord.Point<MetricRecord.Distribution>] = [:]
    }

    private let temporality: Temporality
    private let state = Mutex(State())  // protects what was taken last

    init(_ temporality: Temporality) { self.temporality = temporality }

    /// What is exported of these: some become differences, the others stay as they are.
    func deltas(of metrics: [MetricRecord]) -> [MetricRecord] {
        state.withLock { state in metrics.map { temporality.isDelta($0) ? state.delta(of: $0) : $0 } }
    }

    /// The receiver has taken the differences of these.
    func keep(_ metrics: [MetricRecord]) {
        state.withLock { state in metrics.filter(temporality.isDelta).forEach { state.keep($0) } }
    }
}

extension DeltaMemory.State {
    fileprivate func delta(of metric: MetricRecord) -> MetricRecord {
        var metric = metric
        switch metric.data {
        case .sum(let points, let isMonotonic):
            metric.data = .sum(
                points.map { delta(of: $0, .init(metric: metric.name, attributes: $0.attributes)) },
                isMonotonic: isMonotonic)
        case .histogram(let points):
            metric.data = .histogram(
                points.map { delta(of: $0, .init(metric: metric.name, attributes: $0.attributes)) })
        default: break
        }
        return metric
    }

    fileprivate mutating func keep(_ metric: MetricRecord) {
        switch metric.data {
        case .sum(let points, _):
            for point in points { numbers[.init(metric: metric.name, attributes: point.attributes)] = point }
        case .histogram(let points):
            for point in points { distributions[.init(metric: metric.name, attributes: point.attributes)] = point }
        default: break
        }
    }

    private func delta(
        of point: MetricRecord.Point<MetricRecord.Number>, _ key: DeltaMemory.Key
    ) -> MetricRecord.Point<MetricRecord.Number> {
        var delta = point
        if let last = numbers[key] {
            delta.start = min(last.time, point.time)  // the clock may have been set back
            switch (point.value, last.value) {
            case (.int(let new), .int(let old)): delta.value = .int(new &- old)
            case (.double(let new), .double(let old)): delta.value = .double(new - old)
            default: break
            }
        }
        return delta
    }

    private func delta(
        of point: MetricRecord.Point<MetricRecord.Distribution>, _ key: DeltaMemory.Key
    ) -> MetricRecord.Point<MetricRecord.Distribution> {
        var delta = point
        if let last = distributions[key] {
            delta.start = min(last.time, point.time)  // the clock may have been set back
            delta.value.counts = zip(point.value.counts, last.value.counts).map { $0 &- $1 }
            delta.value.sum -= last.value.sum
            delta.value.exemplars.removeAll { $0.time <= last.time }
        }
        return delta
    }
}
