extension TraceContext {
    /// Bit 0 of the flags: the trace is recorded.
    public var isSampled: Bool { flags & Self.sampled != 0 }

    static let sampled: UInt8 = 0x01
    /// Bit 1 of the flags: the trace id is random.
    static let random: UInt8 = 0x02
    /// Not sent as a flag: the caller has left the decision to us (B3).
    static let undecided: UInt8 = 0x40
    /// Not sent as a flag: the caller wants to see everything of the trace (B3).
    static let debug: UInt8 = 0x80

    /// Reads what the caller sent: W3C Trace Context Level 2, section 3.
    ///
    /// A `traceparent` that is faulty, or there more than once, counts as none; a faulty `tracestate` is left out.
    init?(traceparent: [String], tracestate: @autoclosure () -> [String] = []) {
        guard traceparent.count == 1, let header = traceparent.first, let ids = TraceContext(header) else { return nil }
        self = TraceContext(
            traceID: ids.traceID, spanID: ids.spanID, flags: ids.flags, state: TraceState.valid(tracestate()))
    }

    /// The `traceparent` that is sent on.
    public var traceparent: String {
        "00-\(traceIDText)-\(spanIDText)-0\(flags & (Self.sampled | Self.random))"
    }

    /// 32 lower-case hexadecimal digits.
    public var traceIDText: String { Self.hexadecimal(traceID, digits: 32) }

    /// 16 lower-case hexadecimal digits.
    public var spanIDText: String { Self.hexadecimal(spanID, digits: 16) }

    /// `00-<32 hex>-<16 hex>-<2 hex>`; what a higher version has behind that is ignored.
    private init?(_ header: String) {
        let bytes = Array(header.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version: UInt8 = Self.number(bytes[0..<2]), version != 0xff,
            bytes.count == 55 || (version > 0 && bytes[55] == Self.dash),
            let traceID: UInt128 = Self.number(bytes[3..<35]), traceID != 0,
            let spanID: UInt64 = Self.number(bytes[36..<52]), spanID != 0,
            let flags: UInt8 = Self.number(bytes[53..<55])
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, flags: flags & (Self.sampled | Self.random))
    }

    private static let dash = UInt8(ascii: "-")

    /// Lower-case hexadecimal digits as a number.
    private static func number<Number: FixedWidthInteger>(_ digits: ArraySlice<UInt8>) -> Number? {
        var number: Number = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | Number(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | Number(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    private static func hexadecimal<Number: FixedWidthInteger & UnsignedInteger>(
        _ number: Number, digits: Int
    ) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}

/// The `tracestate` header: W3C Trace Context Level 2, section 3.3.
enum TraceState {
    /// The headers joined to one, without what is empty in them; empty where they are not as they must be.
    static func valid(_ headers: [String]) -> String {
        var keys: Set<Substring> = []
        var members: [Substring] = []
        for header in headers {
            for part in header.split(separator: ",") {
                let member = part.trimmed
                if member.isEmpty { continue }
                guard members.count < 32, let key = key(of: member), keys.insert(key).inserted else { return "" }
                members.append(member)
            }
        }
        return members.joined(separator: ",")
    }

    /// The random number that OpenTelemetry's own member holds, 56 bits: `ot=rv:…`.
    static func randomness(in state: String) -> UInt64? {
        guard let member = state.split(separator: ",").first(where: { $0.hasPrefix("ot=") }),
            let value = member.dropFirst(3).split(separator: ";").first(where: { $0.hasPrefix("rv:") })?.dropFirst(3),
            value.utf8.count == 14, value.utf8.first != UInt8(ascii: "+")
        else { return nil }
        return UInt64(value, radix: 16)
    }

    /// The key of a member that is as it must be.
    private static func key(of member: Substring) -> Substring? {
        guard let equals = member.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = member[..<equals]
        let value = member[member.index(after: equals)...].utf8
        guard (1...256).contains(key.utf8.count), let first = key.utf8.first, isLetterOrDigit(first),
            key.utf8.allSatisfy({ isLetterOrDigit($0) || "_-*/@".utf8.contains($0) }),
            (1...256).contains(value.count),
            value.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") })
        else { return nil }
        return key
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
