internal import Synchronization

/// Where the values of one metric with one set of attributes come together.
enum MetricCell: Sendable {
    case counter(CounterCell)
    case upDown(CounterCell)
    case sum(NumberCell)
    case gauge(NumberCell)
    case histogram(Histogram)

    init(_ kind: MetricRegistry.Descriptor.Kind) {
        switch kind {
        case .counter: self = .counter(CounterCell())
        case .upDown: self = .upDown(CounterCell())
        case .sum: self = .sum(NumberCell())
        case .gauge: self = .gauge(NumberCell())
        case .histogram(let bounds): self = .histogram(Histogram(bounds: bounds))
        }
    }

    /// What a counter, sum or gauge holds.
    var number: MetricRecord.Number? {
        switch self {
        case .counter(let cell), .upDown(let cell): .int(cell.value.load(ordering: .relaxed))
        case .sum(let cell), .gauge(let cell): .double(cell.value.value)
        case .histogram: nil
        }
    }

    /// What a histogram holds.
    var distribution: MetricRecord.Distribution? {
        if case .histogram(let histogram) = self { histogram.distribution } else { nil }
    }
}

/// A whole number that is added to.
final class CounterCell: Sendable {
    let value = Atomic<Int64>(0)

    func increment(by count: Int = 1) { value.wrappingAdd(Int64(count), ordering: .relaxed) }

    func decrement() { value.wrappingSubtract(1, ordering: .relaxed) }
}

/// A number that is added to or set.
final class NumberCell: Sendable {
    let value = AtomicDouble()
}
