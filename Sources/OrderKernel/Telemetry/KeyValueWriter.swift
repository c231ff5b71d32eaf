/// Writes OTLP's `KeyValue`s in protobuf's wire format, into memory that has room for them.
struct KeyValueWriter {
    private var next: UnsafeMutablePointer<UInt8>

    /// - Parameter memory: Has the size that was asked for, more than 0.
    init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        next = memory.baseAddress.unsafelyUnwrapped
    }

    /// Each is a field's number and its wire type.
    private enum Tag {
        static let key: UInt8 = 1 << 3 | 2
        static let value: UInt8 = 2 << 3 | 2
        static let string: UInt8 = 1 << 3 | 2
        static let bool: UInt8 = 2 << 3
        static let int: UInt8 = 3 << 3
        static let double: UInt8 = 4 << 3 | 1
        static let array: UInt8 = 5 << 3 | 2
        static let map: UInt8 = 6 << 3 | 2
        static let element: UInt8 = 1 << 3 | 2
    }

    /// - Parameter size: Bytes that the value takes.
    @inline(__always)
    mutating func keyValue(_ key: String, _ value: TelemetryAttribute.Value, of size: Int) {
        text(Tag.key, key)
        message(Tag.value, size)
        any(value)
    }

    @inline(__always)
    private mutating func any(_ value: TelemetryAttribute.Value) {
        switch value {
        case .string(let text): self.text(Tag.string, text)
        case .bool(let value):
            byte(Tag.bool)
            byte(value ? 1 : 0)
        case .int(let number):
            byte(Tag.int)
            varint(UInt64(bitPattern: Int64(number)))
        case .double(let number):
            byte(Tag.double)
            withUnsafeBytes(of: number.bitPattern.littleEndian) { raw($0) }
        case .array(let values): array(values)
        case .map(let entries): map(entries)
        }
    }

    private mutating func array(_ values: [TelemetryAttribute.Value]) {
        message(Tag.array, Self.size(values))
        for value in values {
            message(Tag.element, Self.size(value))
            any(value)
        }
    }

    private mutating func map(_ entries: [TelemetryAttribute]) {
        message(Tag.map, Self.size(entries))
        for entry in entries where !entry.key.isEmpty {
            let size = Self.size(entry.value)
            message(Tag.element, Self.size(entry.key, valueOf: size))
            keyValue(entry.key, entry.value, of: size)
        }
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            byte(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        byte(UInt8(value))
    }

    @inline(__always)
    private mutating func text(_ tag: UInt8, _ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            message(tag, utf8.count)
            raw(UnsafeRawBufferPointer(utf8))
        }
    }

    @inline(__always)
    private mutating func message(_ tag: UInt8, _ size: Int) {
        byte(tag)
        varint(UInt64(size))
    }

    @inline(__always)
    private mutating func byte(_ byte: UInt8) {
        next.initialize(to: byte)
        next += 1
    }

    @inline(__always)
    private mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(start: next, count: bytes.count).copyMemory(from: bytes)
        next += bytes.count
    }
}

extension KeyValueWriter {
    /// Bytes that a `KeyValue` takes.
    @inline(__always)
    static func size(_ key: String, valueOf size: Int) -> Int { withLength(key.utf8.count) + withLength(size) }

    /// Bytes that an `AnyValue` takes.
    @inline(__always)
    static func size(_ value: TelemetryAttribute.Value) -> Int {
        switch value {
        case .string(let text): withLength(text.utf8.count)
        case .bool: 2
        case .int(let number): 1 + varintSize(number)
        case .double: 9
        case .array(let values): withLength(size(values))
        case .map(let entries): withLength(size(entries))
        }
    }

    private static func size(_ values: [TelemetryAttribute.Value]) -> Int {
        values.reduce(0) { $0 + withLength(size($1)) }
    }

    private static func size(_ entries: [TelemetryAttribute]) -> Int {
        entries.reduce(0) { $0 + ($1.key.isEmpty ? 0 : withLength(size($1.key, valueOf: size($1.value)))) }
    }

    /// Bytes of a field that is as long as that.
    @inline(__always)
    private static func withLength(_ size: Int) -> Int { 1 + varintSize(size) + size }

    @inline(__always)
    static func varintSize(_ value: Int) -> Int {
        if UInt(bitPattern: value) < 0x80 { return 1 }
        return (UInt.bitWidth - UInt(bitPattern: value).leadingZeroBitCount + 6) / 7
    }
}
