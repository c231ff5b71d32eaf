/// Reads what ``KeyValueWriter`` wrote.
struct KeyValueReader {
    private(set) var position: Int
    private let end: Int

    init(_ bounds: Range<Int>) {
        position = bounds.lowerBound
        end = bounds.upperBound
    }

    var isAtEnd: Bool { position == end }

    mutating func skip(_ count: Int) { position += count }

    mutating func keyValue(in bytes: RawSpan) -> TelemetryAttribute {
        let key = Self.text(key(in: bytes), in: bytes)
        return TelemetryAttribute(key, message(in: bytes) { $0.any(in: bytes) })
    }

    /// Where the key is, and the text that is its value; `nil`, and nothing read, where it is no text.
    mutating func textPlaces(in bytes: RawSpan) -> (key: Range<Int>, text: Range<Int>)? {
        var reader = self
        let key = reader.key(in: bytes)
        _ = reader.varint(in: bytes)
        guard reader.byte(in: bytes) >> 3 == 1 else { return nil }
        let text = reader.place(in: bytes)
        self = reader
        return (key, text)
    }

    /// Where the key is; the length of the value comes next.
    private mutating func key(in bytes: RawSpan) -> Range<Int> {
        position += 1
        defer { position += 1 }
        return place(in: bytes)
    }

    private mutating func any(in bytes: RawSpan) -> TelemetryAttribute.Value {
        switch byte(in: bytes) >> 3 {
        case 1: .string(Self.text(place(in: bytes), in: bytes))
        case 2: .bool(byte(in: bytes) == 1)
        case 3: .int(Int(truncatingIfNeeded: varint(in: bytes)))
        case 4: .double(double(in: bytes))
        case 5: .array(elements(in: bytes) { reader in reader.any(in: bytes) })
        default: .map(elements(in: bytes) { reader in reader.keyValue(in: bytes) })
        }
    }

    /// The number before what it is the length of, too.
    mutating func varint(in bytes: RawSpan) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = byte(in: bytes)
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    private mutating func elements<Element>(
        in bytes: RawSpan, _ read: (inout KeyValueReader) -> Element
    ) -> [Element] {
        message(in: bytes) { reader in
            var elements: [Element] = []
            while !reader.isAtEnd {
                reader.position += 1
                elements.append(reader.message(in: bytes, read))
            }
            return elements
        }
    }

    /// Reads what stands behind its length.
    private mutating func message<Value>(in bytes: RawSpan, _ read: (inout KeyValueReader) -> Value) -> Value {
        let size = Int(varint(in: bytes))
        var reader = KeyValueReader(position..<position + size)
        position += size
        return read(&reader)
    }

    private static func text(_ place: Range<Int>, in bytes: RawSpan) -> String {
        bytes.extracting(place).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Where that is which stands behind its length.
    private mutating func place(in bytes: RawSpan) -> Range<Int> {
        let size = Int(varint(in: bytes))
        defer { position += size }
        return position..<position + size
    }

    private mutating func double(in bytes: RawSpan) -> Double {
        defer { position += 8 }
        let bits = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: bits))
    }

    private mutating func byte(in bytes: RawSpan) -> UInt8 {
        defer { position += 1 }
        return bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }
}
