extension JSONWriter {
    /// Writes a moment as a string in RFC 3339, in UTC with three digits of a second: `"2025-11-08T10:30:00.000Z"`.
    ///
    /// What lies outside the years 0000 to 9999 is written as the nearest moment within.
    public mutating func timestamp(_ time: Timestamp) {
        let places = take(Timestamp.textLength + 2)
        places[0] = UInt8(ascii: "\"")
        time.write(to: UnsafeMutableRawBufferPointer(rebasing: places[1...Timestamp.textLength]), knowing: &lastDay)
        places[Timestamp.textLength + 1] = UInt8(ascii: "\"")
    }
}
