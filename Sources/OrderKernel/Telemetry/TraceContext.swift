/// Where in a trace a request stands, as W3C Trace Context has it.
public struct TraceContext: Sendable, Hashable {
    /// 16 bytes, not all zero.
    public let traceID: UInt128
    /// 8 bytes, not all zero.
    public let spanID: UInt64
    /// The `trace-flags` byte; bit 0 says sampled.
    public let flags: UInt8
    /// The `tracestate` that came with it; empty for none.
    public let state: String

    public init(traceID: UInt128, spanID: UInt64, flags: UInt8, state: String = "") {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
        self.state = state
    }
}

extension TraceContext {
    /// Itself; `nil` for a decision alone, on a trace that has not begun.
    var begun: TraceContext? { traceID == 0 ? nil : self }
}
