extension JSONWriter {
    /// Writes a moment as a string in RFC 3339, in UTC with three digits of a second: `"2025-11-08T10:30:00.000Z"`.
    ///
    /// What lies outside the years 0000 to 9999 is written as the nearest moment within.
    public mutating func timestamp(_ time: Timestamp) {
        let milliseconds = min(max(time.milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let (days, inDay) = Self.divide(milliseconds, by: 86_400_000)
        let (year, month, day) = Self.civil(days: days)
        byte(UInt8(ascii: "\""))
        pad(year, 4)
        separated("-", month, 2)
        separated("-", day, 2)
        separated("T", inDay / 3_600_000, 2)
        separated(":", inDay / 60_000 % 60, 2)
        separated(":", inDay / 1_000 % 60, 2)
        separated(".", inDay % 1_000, 3)
        raw("Z\"")
    }

    private mutating func separated(_ separator: StaticString, _ number: Int64, _ digits: Int) {
        raw(separator)
        pad(number, digits)
    }

    private mutating func pad(_ number: Int64, _ digits: Int) {
        let places = take(digits)
        var rest = UInt16(truncatingIfNeeded: number)
        for place in places.indices.reversed() {
            places[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// Year, month and day of a number of days since 1970-01-01: Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms", `civil_from_days`.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153  // months from March on
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// Division that rounds down, with a remainder that is never negative.
    private static func divide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
