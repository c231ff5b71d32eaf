internal import Synchronization

/// Tells when an instant was, in UTC: the moments of one trace stay in order, though the wall clock is set meanwhile.
struct TelemetryClock: Sendable {
    let time: any TimeSource
    private let origin: Instant
    private let originTime: TelemetryTime

    init(_ time: any TimeSource) {
        self.time = time
        self.origin = time.now
        self.originTime = TelemetryTime(time.date)
    }

    var now: TelemetryTime { time(at: time.now) }

    func time(at instant: Instant) -> TelemetryTime {
        TelemetryTime(
            nanoseconds: originTime.nanoseconds &+ UInt64(bitPattern: (instant - origin).wholeNanoseconds))
    }
}

extension Duration {
    /// Nanoseconds, rounded down to whole ones.
    var wholeNanoseconds: Int64 {
        if let attoseconds = Int64(exactly: attoseconds) { return attoseconds / 1_000_000_000 }  // up to 9 s: the usual
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
