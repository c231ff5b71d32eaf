/// Bytes of one line that is being written, without Foundation's formatters.
struct LineBuffer {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(512)
    }

    /// Appends text of our own.
    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func integer<Number: BinaryInteger>(_ number: Number) {
        digits(UInt64(clamping: number.magnitude), isNegative: number < 0)
    }

    /// Appends a number with a zero before it where it is short.
    private mutating func padded(_ number: Int, digits: Int) {
        var power = 10
        for _ in 1..<digits {
            if number < power { bytes.append(UInt8(ascii: "0")) }
            power *= 10
        }
        integer(number)
    }

    /// Appends as many hexadecimal digits as the type holds.
    mutating func hexadecimal<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Number.bitWidth / 4) { digits in
            var rest = number
            for place in digits.indices.reversed() {
                digits[place] = Self.hexadecimalDigit(UInt8(truncatingIfNeeded: rest) & 0x0f)
                rest >>= 4
            }
            bytes.append(contentsOf: digits)
        }
    }

    /// Appends a number of nanoseconds as milliseconds with three decimals, rounded down.
    mutating func milliseconds(_ nanoseconds: Int64) {
        let microseconds = max(0, Int(nanoseconds / 1_000))
        integer(microseconds / 1_000)
        raw(".")
        padded(microseconds % 1_000, digits: 3)
    }

    /// Appends a moment in UTC: `2025-11-08T10:30:00.000Z`.
    mutating func timestamp(_ time: Timestamp) { append(time, from: 0) }

    /// Appends the time of day in UTC: `10:30:00.000Z`.
    mutating func timeOfDay(_ time: Timestamp) { append(time, from: Timestamp.timeOfDayOffset) }

    private mutating func append(_ time: Timestamp, from start: Int) {
        withUnsafeTemporaryAllocation(byteCount: Timestamp.textLength, alignment: 1) { text in
            var day = CivilDay(0)
            time.write(to: text, knowing: &day)
            bytes.append(contentsOf: text[start...])
        }
    }

    /// Appends text as a JSON string.
    mutating func quoted(_ text: String) {
        raw("\"")
        escaped(text, quotes: true)
        raw("\"")
    }

    /// Appends text so that it can neither end the line, nor move a terminal's cursor, nor turn the direction of what
    /// follows; with `quotes`, so that it cannot end a JSON string either.
    mutating func escaped(_ text: String, quotes: Bool) {
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            guard utf8.allSatisfy({ 0x20..<0x7f ~= $0 && !(quotes && Self.isSpecial($0)) }) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if isPlain { return }
        for scalar in text.unicodeScalars { append(scalar, quotes: quotes) }
    }

    private mutating func append(_ scalar: Unicode.Scalar, quotes: Bool) {
        switch scalar {
        case "\n": raw("\\n")
        case "\r": raw("\\r")
        case "\t": raw("\\t")
        case "\"" where quotes: raw("\\\"")
        case "\\" where quotes: raw("\\\\")
        case _ where Self.isUnsafe(scalar):
            raw("\\u")
            hexadecimal(UInt16(scalar.value))
        default: bytes.append(contentsOf: Unicode.UTF8.encode(scalar).map { Array($0) } ?? [])
        }
    }

    /// Control characters, ends of lines, and marks that turn the direction of text; all of them below U+10000.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") }

    private static func hexadecimalDigit(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    private mutating func digits(_ magnitude: UInt64, isNegative: Bool) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            var rest = magnitude
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if isNegative { bytes.append(UInt8(ascii: "-")) }
            bytes.append(contentsOf: digits[start...])
        }
    }
}
