internal import Synchronization

/// Begins and continues traces, and decides which are recorded.
///
/// Of the traces that it decides on, those are recorded whose id is great enough: a higher ratio records every trace
/// that a lower one does (OpenTelemetry specification, consistent probability sampling).
final class TraceSampler: Sendable {
    /// Whether a trace with a parent is recorded when the parent is, and only then.
    private let followsParent: Bool
    /// Least random number of a trace that is recorded, of 2⁵⁶.
    private let threshold: UInt64
    private let ids = TraceIDs()

    /// - Parameter ratio: Part of the traces that a sampler by ratio records, 0...1.
    init(_ sampler: RecordingSettings.Sampler = .parentBasedRatio, ratio: Double) {
        switch sampler {
        case .parentBasedAlwaysOn, .parentBasedAlwaysOff, .parentBasedRatio: followsParent = true
        case .alwaysOn, .alwaysOff, .ratio: followsParent = false
        }
        switch sampler {
        case .alwaysOn, .parentBasedAlwaysOn: threshold = 0
        case .alwaysOff, .parentBasedAlwaysOff: threshold = 1 << 56
        case .ratio, .parentBasedRatio:
            threshold = UInt64(((1 - min(max(ratio, 0), 1)) * Double(UInt64(1) << 56)).rounded())
        }
    }

    /// The context of a new span.
    /// - Parameter parent: Without ids where the caller has decided for a trace that it did not begin.
    func context(childOf parent: TraceContext?) -> TraceContext {
        let continued = parent?.begun
        let traceID = continued?.traceID ?? ids.nextTraceID()
        var flags = continued.map { $0.flags & TraceContext.random } ?? TraceContext.random
        flags |= (parent?.flags ?? 0) & TraceContext.debug
        if samples(traceID, parent) { flags |= TraceContext.sampled }
        return TraceContext(
            traceID: traceID, spanID: ids.nextSpanID(), flags: flags, state: continued?.state ?? "")
    }

    /// The context of the first span of a trace that is recorded in any case.
    func recordedRoot() -> TraceContext {
        TraceContext(
            traceID: ids.nextTraceID(), spanID: ids.nextSpanID(), flags: TraceContext.random | TraceContext.sampled)
    }

    /// An id for a span of a trace that is decided on.
    func nextSpanID() -> UInt64 { ids.nextSpanID() }

    private func samples(_ traceID: UInt128, _ parent: TraceContext?) -> Bool {
        if followsParent, let parent, parent.flags & TraceContext.undecided == 0 { return parent.isSampled }
        if threshold == 0 { return true }
        let random = parent.flatMap { TraceState.randomness(in: $0.state) }
        return random ?? (UInt64(truncatingIfNeeded: traceID) & (1 << 56 - 1)) >= threshold
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
