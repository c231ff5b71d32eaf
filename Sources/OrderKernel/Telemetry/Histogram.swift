internal import Synchronization

/// Counts measured values in buckets, without a lock: for the path of every request.
final class Histogram: Sendable {
    /// Most bounds that a histogram has.
    static let mostBounds = 31

    private let bounds: [Double]
    private let counts: InlineArray<32, Atomic<UInt64>>
    private let sum = AtomicDouble()

    /// - Parameter bounds: Strictly ascending; those beyond ``mostBounds`` are left out.
    init(bounds: [Double]) {
        self.bounds = Array(bounds.prefix(Self.mostBounds))
        self.counts = InlineArray { _ in Atomic(0) }
    }

    /// Counts one value; what is not a finite number is left out.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        counts[bucket].wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    /// What was recorded so far; a value that is recorded meanwhile may be in the counts and not yet in the sum.
    var distribution: MetricRecord.Distribution {
        MetricRecord.Distribution(
            bounds: bounds, counts: (0...bounds.count).map { counts[$0].load(ordering: .relaxed) }, sum: sum.value)
    }
}

/// A number that many tasks add to or set.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic(Double.zero.bitPattern)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    func add(_ value: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + value).bitPattern
            let (isDone, seen) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if isDone { return }
            old = seen
        }
    }
}
