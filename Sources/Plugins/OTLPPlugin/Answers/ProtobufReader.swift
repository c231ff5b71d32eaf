/// Reads the fields of one message in protobuf's wire format.
struct ProtobufReader: Sequence, IteratorProtocol {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

    /// The next field; `nil` at the end, and where the bytes are no message.
    mutating func next() -> (field: Int, value: Value)? {
        guard let tag = varint() else { return nil }
        let field = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0: return varint().map { (field, .number($0)) }
        case 1: return take(8).map { (field, .number(Self.fixed($0))) }
        case 2:
            guard let length = varint(), length <= UInt64(rest.count) else { return nil }
            return take(Int(length)).map { (field, .bytes($0)) }
        case 5: return take(4).map { (field, .number(Self.fixed($0))) }
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private static func fixed(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
