internal import Synchronization

/// Tells when an instant was, in UTC: moments stay in order until ``follow()`` finds that the wall clock was set.
final class TelemetryClock: Sendable {
    let time: any TimeSource
    private let origin: Instant
    private let originTime: TelemetryTime
    /// When the origin was, as the wall clock has it now.
    private let nanoseconds: Atomic<UInt64>

    init(_ time: any TimeSource) {
        self.time = time
        self.origin = time.now
        self.originTime = TelemetryTime(time.date)
        self.nanoseconds = Atomic(originTime.nanoseconds)
    }

    var now: TelemetryTime { time(at: time.now) }

    func time(at instant: Instant) -> TelemetryTime {
        TelemetryTime(nanoseconds: nanoseconds.load(ordering: .relaxed) &+ elapsed(until: instant))
    }

    /// Follows a wall clock that was set by more than a second, but not to before the service began: metrics add up
    /// since then.
    func follow() {
        let (now, date) = (time.now, TelemetryTime(time.date))
        let difference = Int64(bitPattern: date.nanoseconds &- time(at: now).nanoseconds)
        guard difference.magnitude > 1_000_000_000, date > originTime else { return }
        nanoseconds.store(date.nanoseconds &- elapsed(until: now), ordering: .relaxed)
    }

    private func elapsed(until instant: Instant) -> UInt64 { UInt64(bitPattern: (instant - origin).wholeNanoseconds) }
}
