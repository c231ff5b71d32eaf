internal import Synchronization

/// Begins and continues traces, and decides which are recorded: `parentbased_traceidratio`.
///
/// A trace with a parent is recorded when the parent is. Of the others, those whose id is great enough: a higher ratio
/// records every trace that a lower one does (OpenTelemetry specification, consistent probability sampling).
final class TraceSampler: Sendable {
    private let threshold: UInt64
    private let ids = TraceIDs()

    /// - Parameter ratio: Part of the traces without parent that is recorded, 0...1.
    init(ratio: Double) {
        let most = Double(UInt64(1) << 56)
        self.threshold = UInt64(((1 - min(max(ratio, 0), 1)) * most).rounded())
    }

    /// The context of a new span.
    func context(childOf parent: TraceContext?) -> TraceContext {
        guard let parent else {
            let traceID = ids.nextTraceID()
            let isSampled = UInt64(truncatingIfNeeded: traceID) & (1 << 56 - 1) >= threshold
            return TraceContext(
                traceID: traceID, spanID: ids.nextSpanID(),
                flags: TraceContext.random | (isSampled ? TraceContext.sampled : 0))
        }
        let kept = parent.flags & (TraceContext.random | TraceContext.sampled)
        return TraceContext(traceID: parent.traceID, spanID: ids.nextSpanID(), flags: kept, state: parent.state)
    }
}

/// Random ids, without asking the system for each.
///
/// Two counters from random beginnings, each number of them scrambled (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014): no number comes twice, and two processes meet only if both beginnings do.
private final class TraceIDs: Sendable {
    private let high = Atomic(UInt64.random(in: .min ... .max))
    private let low = Atomic(UInt64.random(in: .min ... .max))

    func nextTraceID() -> UInt128 {
        let id = UInt128(Self.scramble(high.step(Self.stride))) << 64 | UInt128(Self.scramble(low.step(Self.stride)))
        return id == 0 ? nextTraceID() : id
    }

    func nextSpanID() -> UInt64 {
        let id = Self.scramble(low.step(Self.stride))
        return id == 0 ? nextSpanID() : id
    }

    private static let stride: UInt64 = 0x9e37_79b9_7f4a_7c15

    private static func scramble(_ number: UInt64) -> UInt64 {
        var number = number
        number = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
        number = (number ^ (number >> 27)) &* 0x94d0_49bb_1331_11eb
        return number ^ (number >> 31)
    }
}

extension Atomic where Value == UInt64 {
    fileprivate borrowing func step(_ stride: UInt64) -> UInt64 {
        wrappingAdd(stride, ordering: .relaxed).newValue
    }
}
