/// The headers of Zipkin: B3 Propagation, in its single form and in its multiple form.
enum B3 {
    /// What the caller sent; the single form counts before the other.
    static func trace(_ values: (String) -> [String]) -> TraceContext? {
        if let header = values("b3").first, let trace = single(header) { return trace }
        func value(_ name: String) -> String? { values(name).first }
        let decision = value("x-b3-flags") == "1" ? "d" : value("x-b3-sampled")
        guard let trace = value("x-b3-traceid"), let span = value("x-b3-spanid") else {
            return decision.flatMap { decided($0) }
        }
        return context(trace, span, decision)
    }

    /// `{trace}-{span}[-{decision}[-{parent}]]`, or a decision alone.
    private static func single(_ header: String) -> TraceContext? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1 { return decided(header) }
        guard (2...4).contains(parts.count) else { return nil }
        return context(parts[0], parts[1], parts.count > 2 ? parts[2] : nil)
    }

    /// A decision for a trace that has not begun.
    private static func decided(_ text: String) -> TraceContext? {
        flags(text).map { TraceContext(traceID: 0, spanID: 0, flags: $0) }
    }

    private static func context(_ trace: String, _ span: String, _ decision: String?) -> TraceContext? {
        guard trace.utf8.count == 16 || trace.utf8.count == 32, span.utf8.count == 16,
            let traceID = number(trace, as: UInt128.self), let spanID = number(span, as: UInt64.self),
            let flags = decision.map({ self.flags($0) }) ?? TraceContext.undecided
        else { return nil }
        return TraceContext(traceID: traceID, spanID: spanID, flags: flags)
    }

    private static func flags(_ decision: String) -> UInt8? {
        switch decision {
        case "1", "true": TraceContext.sampled
        case "d": TraceContext.sampled | TraceContext.debug
        case "0", "false": 0
        default: nil
        }
    }

    /// Hexadecimal digits of either case, not all zero.
    private static func number<Number: FixedWidthInteger>(_ digits: String, as type: Number.Type) -> Number? {
        guard digits.utf8.first != UInt8(ascii: "+"), let number = Number(digits, radix: 16), number != 0 else {
            return nil
        }
        return number
    }

    /// The `b3` header that is sent on, without the parent's id.
    static func single(_ trace: TraceContext) -> String {
        "\(trace.traceIDText)-\(trace.spanIDText)-\(trace.flags & TraceContext.debug != 0 ? "d" : sampled(trace))"
    }

    /// The `X-B3-…` headers that are sent on.
    static func multiple(_ trace: TraceContext) -> [(name: String, value: String)] {
        let isDebug = trace.flags & TraceContext.debug != 0
        return [
            ("x-b3-traceid", trace.traceIDText), ("x-b3-spanid", trace.spanIDText),
            isDebug ? ("x-b3-flags", "1") : ("x-b3-sampled", sampled(trace)),
        ]
    }

    private static func sampled(_ trace: TraceContext) -> String { trace.isSampled ? "1" : "0" }
}
