/// Writes JSON into memory that the caller lends, without spaces.
///
/// The caller gives at least the ``JSONRepresentable/jsonCapacity`` of what it writes; writing more is a programmer's
/// mistake and ends the process.
public struct JSONWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    /// Bytes written so far.
    public private(set) var count = 0
    /// The day that was written last: moments that stand together are mostly of one day.
    var lastDay = CivilDay(0)

    /// - Parameter buffer: Is there until the writer is used for the last time.
    public init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    /// Bytes that a text takes at most as a JSON string.
    public static func capacity(of text: String) -> Int { 2 + 6 * text.utf8.count }

    /// Writes bytes that are JSON already.
    public mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        take(bytes.count).copyMemory(from: bytes)
    }

    /// Writes text that is JSON already: punctuation, names of members.
    public mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { raw(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string. Escapes only what RFC 8259 demands: `"`, `\` and control characters below U+0020.
    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            byte(UInt8(ascii: "\""))
            if bytes.contains(where: Self.needsEscape) {
                for character in bytes { escaped(character) }
            } else {
                raw(UnsafeRawBufferPointer(bytes))
            }
            byte(UInt8(ascii: "\""))
        }
    }

    /// Writes a whole number.
    public mutating func integer(_ number: Int) {
        integer(Int64(number))
    }

    /// Writes a whole number, in at most 20 bytes.
    public mutating func integer(_ number: Int64) {
        if number < 0 { byte(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        var length = 1
        var power: UInt64 = 10
        while length < 19, magnitude >= power {
            length += 1
            power &*= 10
        }
        let digits = take(length)
        var rest = magnitude
        for place in stride(from: length - 1, through: 0, by: -1) {
            digits[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    @inline(__always)
    mutating func byte(_ byte: UInt8) {
        take(1)[0] = byte
    }

    /// The next bytes of the buffer.
    @inline(__always)
    mutating func take(_ length: Int) -> UnsafeMutableRawBufferPointer {
        precondition(length <= buffer.count - count, "JSON takes more than its capacity")
        defer { count += length }
        return UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + length])
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escaped(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x08: raw("\\b")
        case 0x09: raw("\\t")
        case 0x0a: raw("\\n")
        case 0x0c: raw("\\f")
        case 0x0d: raw("\\r")
        case ..<0x20:
            raw("\\u00")
            byte(UInt8(ascii: "0") + character >> 4)
            byte(
                character & 0x0f < 10 ? UInt8(ascii: "0") + character & 0x0f : UInt8(ascii: "a") + character & 0x0f - 10
            )
        default: byte(character)
        }
    }
}

/// What can be written as JSON.
public protocol JSONRepresentable {
    /// Bytes that the JSON takes at most.
    var jsonCapacity: Int { get }
    /// Writes one JSON value.
    func write(to json: inout JSONWriter)
}

extension JSONRepresentable {
    /// The JSON alone.
    public var json: [UInt8] {
        Array(unsafeUninitializedCapacity: jsonCapacity) { buffer, count in
            var writer = JSONWriter(UnsafeMutableRawBufferPointer(buffer))
            write(to: &writer)
            count = writer.count
        }
    }
}

// Inlinable, as an unspecialised loop costs more than the elements' bytes.
extension Array: JSONRepresentable where Element: JSONRepresentable {
    @inlinable
    public var jsonCapacity: Int {
        var capacity = 2
        for element in self { capacity += 1 + element.jsonCapacity }
        return capacity
    }

    @inlinable
    public func write(to json: inout JSONWriter) {
        var separator: StaticString = "["
        for element in self {
            json.raw(separator)
            element.write(to: &json)
            separator = ","
        }
        json.raw(isEmpty ? "[]" : "]")
    }
}
