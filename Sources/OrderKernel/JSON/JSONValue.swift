/// One value of a text that was found to be JSON: its kind, and where it stands.
///
/// Points into the bytes it was read from, and must not outlive them.
public struct JSONValue {
    /// The kinds of value that RFC 8259 knows.
    public enum Kind: Sendable {
        case null, boolean, number, string, array, object
    }

    /// What a number is as an integer.
    public enum Integer: Sendable, Equatable {
        case value(Int64)
        /// An integer outside the 64 bits.
        case tooLarge
        /// No number, or one with a fraction or an exponent (`5.0` and `5e0` are none).
        case notInteger
    }

    public let kind: Kind
    /// The value as it came, a string with its quotes.
    public let bytes: UnsafeRawBufferPointer
    let hasEscapes: Bool

    /// The characters of a string; `nil` for any other kind.
    public var string: String? { text?.string }

    var text: JSONText? {
        guard kind == .string else { return nil }
        return JSONText(
            bytes: UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1]), hasEscapes: hasEscapes)
    }

    /// What the value is as an integer of 64 bits.
    public var integer: Integer {
        guard kind == .number else { return .notInteger }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        var fits = true
        for byte in bytes[(isNegative ? 1 : 0)...] {
            guard 0x30...0x39 ~= byte else { return .notInteger }
            let digit = Int64(byte & 0x0f)
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflows) = product.addingReportingOverflow(isNegative ? -digit : digit)
            fits = fits && !overflows && !sumOverflows
            value = sum
        }
        return fits ? .value(value) : .tooLarge
    }
}

/// One member of a JSON object.
struct JSONMember {
    let name: JSONText
    let value: JSONValue
    /// Whether somebody has asked for it by name.
    var isTaken = false
}
