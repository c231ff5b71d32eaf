/// Writes messages in protobuf's wire format (Protocol Buffers Encoding).
struct ProtobufSink: MessageSink {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 4_096) {
        bytes.reserveCapacity(capacity)
    }

    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    mutating func text(_ field: Int, _ name: StaticString, _ value: String) {
        tag(field, .lengthDelimited)
        var value = value
        value.withUTF8 { utf8 in
            varint(UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func bool(_ field: Int, _ name: StaticString, _ value: Bool) {
        tag(field, .varint)
        bytes.append(value ? 1 : 0)
    }

    mutating func small(_ field: Int, _ name: StaticString, _ value: UInt32) {
        tag(field, .varint)
        varint(UInt64(value))
    }

    mutating func integer(_ field: Int, _ name: StaticString, _ value: Int64) {
        tag(field, .varint)
        varint(UInt64(bitPattern: value))
    }

    mutating func double(_ field: Int, _ name: StaticString, _ value: Double) {
        tag(field, .fixed64)
        fixed(value.bitPattern)
    }

    mutating func fixed32(_ field: Int, _ name: StaticString, _ value: UInt32) {
        tag(field, .fixed32)
        fixed(value)
    }

    mutating func fixed64(_ field: Int, _ name: StaticString, _ value: UInt64) {
        tag(field, .fixed64)
        fixed(value)
    }

    mutating func signedFixed64(_ field: Int, _ name: StaticString, _ value: Int64) {
        tag(field, .fixed64)
        fixed(UInt64(bitPattern: value))
    }

    mutating func fixed64s(_ field: Int, _ name: StaticString, _ values: [UInt64]) {
        tag(field, .lengthDelimited)
        varint(UInt64(values.count * 8))
        for value in values { fixed(value) }
    }

    mutating func doubles(_ field: Int, _ name: StaticString, _ values: [Double]) {
        fixed64s(field, name, values.map(\.bitPattern))
    }

    mutating func id<Number: FixedWidthInteger & UnsignedInteger>(_ field: Int, _ name: StaticString, _ value: Number) {
        tag(field, .lengthDelimited)
        varint(UInt64(Number.bitWidth / 8))
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The length stands before the message, and is known only behind it: one byte is left for it, which is enough for
    /// most; a longer message is moved.
    mutating func message(_ field: Int, _ name: StaticString, _ body: (inout ProtobufSink) -> Void) {
        tag(field, .lengthDelimited)
        let position = bytes.count
        bytes.append(0)
        body(&self)
        var length = UInt64(bytes.count - position - 1)
        if length < 0x80 {
            bytes[position] = UInt8(length)
            return
        }
        var digits: [UInt8] = []
        while length >= 0x80 {
            digits.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        digits.append(UInt8(length))
        bytes.replaceSubrange(position...position, with: digits)
    }

    mutating func messages<Element>(
        _ field: Int, _ name: StaticString, _ elements: [Element], _ body: (inout ProtobufSink, Element) -> Void
    ) {
        for element in elements { message(field, name) { body(&$0, element) } }
    }

    private mutating func tag(_ field: Int, _ type: WireType) {
        varint(UInt64(field) << 3 | type.rawValue)
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private mutating func fixed<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
