internal import Synchronization

/// Counts measured values in buckets, without a lock: for the path of every request.
final class Histogram: Sendable {
    /// Most bounds that a histogram has.
    static let mostBounds = 31

    private let bounds: [Double]
    private let counts: InlineArray<32, Atomic<UInt64>>
    private let sum = AtomicDouble()
    /// The latest example of each bucket; empty before the first. Who finds it taken leaves his example out.
    private let exemplars = Mutex<[MetricRecord.Exemplar?]>([])

    /// - Parameter bounds: Strictly ascending; those beyond ``mostBounds`` are left out.
    init(bounds: [Double]) {
        self.bounds = Array(bounds.prefix(Self.mostBounds))
        self.counts = InlineArray { _ in Atomic(0) }
    }

    /// Counts one value; what is not a finite number is left out.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        count(value, in: bucket(of: value))
    }

    /// Counts one value.
    /// - Parameter trace: The span that it was measured in, and that is named as an example.
    func record(_ value: Double, example trace: TraceContext?, at time: @autoclosure () -> TelemetryTime) {
        guard let trace else { return record(value) }
        guard value.isFinite else { return }
        let bucket = bucket(of: value)
        count(value, in: bucket)
        _ = exemplars.withLockIfAvailable { exemplars in
            if exemplars.isEmpty { exemplars = Array(repeating: nil, count: bounds.count + 1) }
            exemplars[bucket] = MetricRecord.Exemplar(
                value: value, time: time(), traceID: trace.traceID, spanID: trace.spanID)
        }
    }

    private func bucket(of value: Double) -> Int {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        return bucket
    }

    private func count(_ value: Double, in bucket: Int) {
        counts[bucket].wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    /// What was recorded so far; a value that is recorded meanwhile may be in the counts and not yet in the sum.
    var distribution: MetricRecord.Distribution {
        var distribution = MetricRecord.Distribution(
            bounds: bounds, counts: (0...bounds.count).map { counts[$0].load(ordering: .relaxed) }, sum: sum.value)
        distribution.exemplars = exemplars.withLock { $0.compactMap(\.self) }
        return distribution
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
