/// Bytes of one line that is being written, without Foundation's formatters: every request has a line.
struct LineBuffer: ~Copyable {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
    private var count = 0

    deinit { memory.deallocate() }

    /// Lends the bytes so far.
    func read<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    /// Appends text of our own.
    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { raw(UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes that need no escape.
    mutating func raw(_ bytes: UnsafeRawBufferPointer) { take(bytes.count).copyMemory(from: bytes) }

    private mutating func byte(_ byte: UInt8) { take(1)[0] = byte }

    /// The next bytes of the line.
    @inline(__always)
    private mutating func take(_ length: Int) -> UnsafeMutableRawBufferPointer {
        if length > memory.count - count { grow(by: length) }
        defer { count += length }
        return UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + length])
    }

    @inline(never)
    private mutating func grow(by length: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * (count + length), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }

    mutating func integer<Number: BinaryInteger>(_ number: Number) {
        digits(UInt64(clamping: number.magnitude), isNegative: number < 0)
    }

    /// Appends a number with a zero before it where it is short.
    private mutating func padded(_ number: Int, digits: Int) {
        var power = 10
        for _ in 1..<digits {
            if number < power { byte(UInt8(ascii: "0")) }
            power *= 10
        }
        integer(number)
    }

    /// Appends as many hexadecimal digits as the type holds.
    mutating func hexadecimal<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes in
            for pair in bytes {
                byte(Self.hexadecimalDigit(pair >> 4))
                byte(Self.hexadecimalDigit(pair & 0x0f))
            }
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
            raw(UnsafeRawBufferPointer(rebasing: text[start...]))
        }
    }

    /// Appends text, which is UTF-8, as a JSON string.
    mutating func quoted(_ text: UnsafeRawBufferPointer) {
        byte(UInt8(ascii: "\""))
        escaped(text, quotes: true)
        byte(UInt8(ascii: "\""))
    }

    /// Appends text, which is UTF-8, so that it can neither end the line, nor move a terminal's cursor, nor turn the
    /// direction of what follows; with `quotes`, so that it cannot end a JSON string either.
    mutating func escaped(_ text: UnsafeRawBufferPointer, quotes: Bool) {
        let isPlain = text.allSatisfy { 0x20..<0x7f ~= $0 && !(quotes && Self.isSpecial($0)) }
        if isPlain { return raw(text) }
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { append(scalar, quotes: quotes) }
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
        default: Unicode.UTF8.encode(scalar)?.forEach { byte($0) }
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
            if isNegative { byte(UInt8(ascii: "-")) }
            raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[start...]))
        }
    }
}
