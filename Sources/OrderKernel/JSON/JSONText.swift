internal import Glibc

/// The characters of a JSON string where they stand, between its quotes; found to be valid.
struct JSONText {
    let bytes: UnsafeRawBufferPointer
    let hasEscapes: Bool

    var string: String {
        hasEscapes ? String(decoding: unescaped, as: UTF8.self) : String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that the string stands for, in UTF-8.
    var unescaped: [UInt8] {
        guard hasEscapes else { return Array(bytes) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\\") {
                appendEscape(at: &position, to: &result)
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    static func == (text: JSONText, name: StaticString) -> Bool {
        if text.hasEscapes { return name.withUTF8Buffer { text.unescaped.elementsEqual($0) } }
        guard text.bytes.count == name.utf8CodeUnitCount, let start = text.bytes.baseAddress else { return false }
        return memcmp(start, name.utf8Start, text.bytes.count) == 0
    }

    private func appendEscape(at position: inout Int, to result: inout [UInt8]) {
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): appendScalar(at: &position, to: &result)
        default: result.append(letter)
        }
    }

    /// Appends what four hexadecimal digits stand for, together with the escape behind them where they are the first
    /// half of a surrogate pair.
    private func appendScalar(at position: inout Int, to result: inout [UInt8]) {
        var value = Self.hexadecimal(bytes, at: position) ?? 0
        position += 4
        if 0xd800...0xdbff ~= value {
            let low = Self.hexadecimal(bytes, at: position + 2) ?? 0
            position += 6
            value = 0x1_0000 + (value - 0xd800) << 10 + (low &- 0xdc00)
        }
        result.append(contentsOf: String(Character(Unicode.Scalar(value) ?? "\u{fffd}")).utf8)
    }

    /// The value of four hexadecimal digits; `nil` where there are no four.
    static func hexadecimal(_ bytes: UnsafeRawBufferPointer, at position: Int) -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for offset in position..<position + 4 {
            switch bytes[offset] {
            case let digit where 0x30...0x39 ~= digit: value = value << 4 | UInt32(digit - 0x30)
            case let letter where 0x41...0x46 ~= letter & 0xdf: value = value << 4 | UInt32(letter & 0xdf - 0x37)
            default: return nil
            }
        }
        return value
    }
}

extension JSONText: Hashable {
    /// Whether both stand for the same characters, however they are spelled.
    static func == (left: JSONText, right: JSONText) -> Bool {
        if left.hasEscapes || right.hasEscapes { return left.unescaped == right.unescaped }
        guard left.bytes.count == right.bytes.count else { return false }
        guard let leftStart = left.bytes.baseAddress, let rightStart = right.bytes.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.bytes.count) == 0
    }

    func hash(into hasher: inout Hasher) {
        if hasEscapes {
            unescaped.withUnsafeBytes { hasher.combine(bytes: $0) }
        } else {
            hasher.combine(bytes: bytes)
        }
    }
}
