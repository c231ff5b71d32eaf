extension Duration {
    /// Whole nanoseconds, rounded toward zero.
    var wholeNanoseconds: Int64 { Int64(truncatingIfNeeded: attoseconds / 1_000_000_000) }

    /// Seconds, as metrics have them.
    var inSeconds: Double { Double(wholeNanoseconds) / 1_000_000_000 }
}
