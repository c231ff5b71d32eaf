internal import OrderKernel

/// Writes messages in protobuf's wire format (Protocol Buffers Encoding).
struct ProtobufSink: MessageSink, ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0

    /// - Parameter capacity: Bytes to begin with; more are taken as they are needed.
    init(capacity: Int = 4_096) {
        memory = .allocate(byteCount: max(capacity, 64), alignment: 1)
    }

    deinit { memory.deallocate() }

    /// What was written.
    var bytes: [UInt8] { Array(memory[..<count]) }

    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    mutating func text(_ field: Int, _ name: StaticString, _ value: String) {
        tag(field, .lengthDelimited)
        let utf8 = value.utf8.span
        varint(UInt64(utf8.count))
        utf8.withUnsafeBytes { raw($0) }
    }

    /// They are in this format already.
    mutating func attributes(_ field: Int, _ attributes: TelemetryAttributes) {
        attributes.forEachKeyValue { keyValue in
            tag(field, .lengthDelimited)
            keyValue.withUnsafeBytes { raw($0) }
        }
    }

    mutating func bool(_ field: Int, _ name: StaticString, _ value: Bool) {
        tag(field, .varint)
        byte(value ? 1 : 0)
    }

    mutating func small(_ field: Int, _ name: StaticString, _ value: UInt32) {
        tag(field, .varint)
        varint(UInt64(value))
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
        withUnsafeBytes(of: value.bigEndian) { raw($0) }
    }

    /// The length stands before the message, and is known only behind it: one byte is left for it, which is enough for
    /// most; a longer message is moved.
    mutating func message(_ field: Int, _ name: StaticString, _ body: (inout ProtobufSink) -> Void) {
        tag(field, .lengthDelimited)
        let start = count
        byte(0)
        body(&self)
        let length = count - start - 1
        let digits = Self.varintLength(UInt64(length))
        if digits > 1 {
            reserve(digits - 1)
            // Is there: memory is allocated with a capacity greater than zero, and only ever replaced by more.
            let body = memory.baseAddress.unsafelyUnwrapped + start
            (body + digits).copyMemory(from: body + 1, byteCount: length)
        }
        count = start
        varint(UInt64(length))
        count += length
    }

    mutating func messages<Element>(
        _ field: Int, _ name: StaticString, _ elements: [Element], _ body: (inout ProtobufSink, Element) -> Void
    ) {
        let elements = elements.span
        for index in elements.indices { message(field, name) { body(&$0, elements[index]) } }
    }

    private mutating func tag(_ field: Int, _ type: WireType) {
        varint(UInt64(field) << 3 | type.rawValue)
    }

    @inline(__always)
    private mutating func varint(_ value: UInt64) {
        if value < 0x80 { byte(UInt8(truncatingIfNeeded: value)) } else { longVarint(value) }
    }

    private mutating func longVarint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            byte(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        byte(UInt8(value))
    }

    private static func varintLength(_ value: UInt64) -> Int {
        max(1, (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7)
    }

    private mutating func fixed<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.littleEndian) { raw($0) }
    }

    @inline(__always)
    private mutating func byte(_ byte: UInt8) {
        reserve(1)
        memory[count] = byte
        count += 1
    }

    @inline(__always)
    private mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if memory.count - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * memory.count + more, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }
}
