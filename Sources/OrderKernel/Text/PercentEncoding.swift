/// Text whose bytes may stand as a `%` with two hexadecimal digits (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// - Returns: `nil` where a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
    public static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(percent) else { return String(text) }
        let (bytes, isWhole) = bytes(of: text)
        return isWhole ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// As ``decoded(_:)``, for a text that must not be refused: a `%` that encodes nothing stays, and bytes that are no
    /// UTF-8 become U+FFFD.
    public static func decodedAsFarAsPossible(_ text: Substring) -> String {
        text.utf8.contains(percent) ? String(decoding: bytes(of: text).bytes, as: UTF8.self) : String(text)
    }

    /// - Parameter keeps: Whether a byte of ASCII stays as it is; not of `%`.
    public static func encoded(_ text: String, keeping keeps: (UInt8) -> Bool) -> String {
        if text.utf8.allSatisfy(keeps) { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if keeps(byte) {
                bytes.append(byte)
            } else {
                bytes += byte < 0x10 ? "%0".utf8 : "%".utf8
                bytes += String(byte, radix: 16, uppercase: true).utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static var percent: UInt8 { UInt8(ascii: "%") }

    /// - Returns: The bytes, and whether each `%` encodes one.
    private static func bytes(of text: Substring) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        var isWhole = true
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == percent, let value = value(of: rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                if byte == percent { isWhole = false }
                bytes.append(byte)
            }
        }
        return (bytes, isWhole)
    }

    private static func value(of digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, let high = digits.first.flatMap(digit), let low = digits.last.flatMap(digit)
        else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
