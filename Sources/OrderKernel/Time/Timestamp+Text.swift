extension Timestamp {
    /// Bytes of a moment as text.
    static let textLength = 24
    /// Where the time of day begins in it.
    static let timeOfDayOffset = 11

    /// Writes the moment in RFC 3339, in UTC with three digits of a second: `2025-11-08T10:30:00.000Z`.
    ///
    /// What lies outside the years 0000 to 9999 is written as the nearest moment within.
    /// - Parameters:
    ///   - places: Has room for ``textLength`` bytes.
    ///   - day: The day that was written last: moments that are written together are mostly of one day.
    @inline(__always)
    func write(to places: UnsafeMutableRawBufferPointer, knowing day: inout CivilDay) {
        let milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let (days, inDay) = milliseconds.dividedRoundingDown(by: 86_400_000)
        if days != day.number { day = CivilDay(days) }
        var text = DigitWriter(places)
        text.write(day.year / 100)
        text.write(day.year % 100)
        text.write(day.month, after: "-")
        text.write(day.day, after: "-")
        text.write(inDay / 3_600_000, after: "T")
        text.write(inDay / 60_000 % 60, after: ":")
        text.write(inDay / 1_000 % 60, after: ":")
        text.write(inDay % 1_000 / 10, after: ".")
        text.write(digit: inDay % 10)
        text.write("Z")
    }
}

/// A day of the Gregorian calendar.
struct CivilDay {
    /// Days since 1970-01-01.
    let number: Int64
    let year: Int64
    let month: Int64
    let day: Int64

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    init(_ number: Int64) {
        let (era, dayOfEra) = (number + 719_468).dividedRoundingDown(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153  // months from March on
        self.number = number
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
    }
}

extension Int64 {
    /// Division with a remainder that is never negative.
    @inline(__always)  // the divisor is then known, and nothing is divided
    fileprivate func dividedRoundingDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Writes numbers of two digits, one after another, into memory that has room for them.
private struct DigitWriter {
    private let places: UnsafeMutableRawBufferPointer
    private var next = 0

    init(_ places: UnsafeMutableRawBufferPointer) {
        self.places = places
    }

    mutating func write(_ character: Unicode.Scalar) {
        places[next] = UInt8(truncatingIfNeeded: character.value)
        next += 1
    }

    /// - Parameter number: 0 to 9.
    mutating func write(digit number: Int64) {
        places[next] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number)
        next += 1
    }

    /// - Parameter number: 0 to 99.
    mutating func write(_ number: Int64) {
        let number = UInt8(truncatingIfNeeded: number)
        write(digit: Int64(number / 10))
        write(digit: Int64(number % 10))
    }

    mutating func write(_ number: Int64, after separator: Unicode.Scalar) {
        write(separator)
        write(number)
    }
}
