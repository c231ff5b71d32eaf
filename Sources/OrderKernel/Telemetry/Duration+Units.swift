extension Duration {
    /// Nanoseconds, rounded down to whole ones.
    var wholeNanoseconds: Int64 {
        if let attoseconds = Int64(exactly: attoseconds) { return attoseconds / 1_000_000_000 }  // up to 9 s: the usual
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }

    /// Seconds, as metrics have them.
    var inSeconds: Double { Double(wholeNanoseconds) / 1_000_000_000 }
}
