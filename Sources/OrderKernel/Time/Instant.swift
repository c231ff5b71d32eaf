internal import Glibc

/// A moment of the machine's monotonic clock, which never goes back.
///
/// `ContinuousClock.Instant` would do, had it a layout that the compiler knows: whatever holds one is copied through
/// its type's metadata, and every request holds some.
public struct Instant: Comparable, Hashable, Sendable {
    @usableFromInline let sinceStart: Duration

    @usableFromInline init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    /// The moment that is.
    public static var now: Instant {
        let (seconds, nanoseconds) = SystemTime.read(CLOCK_MONOTONIC)
        let whole = Int128(seconds) &* 1_000_000_000 &+ Int128(nanoseconds)
        return Instant(sinceStart: Duration(attoseconds: whole &* 1_000_000_000))
    }

    @inlinable
    public static func < (one: Instant, other: Instant) -> Bool { one.sinceStart < other.sinceStart }

    @inlinable
    public static func + (moment: Instant, duration: Duration) -> Instant {
        Instant(sinceStart: moment.sinceStart + duration)
    }

    @inlinable
    public static func - (moment: Instant, duration: Duration) -> Instant {
        Instant(sinceStart: moment.sinceStart - duration)
    }

    /// The time from `start` to `end`.
    @inlinable
    public static func - (end: Instant, start: Instant) -> Duration { end.sinceStart - start.sinceStart }

    @inlinable
    public static func += (moment: inout Instant, duration: Duration) { moment = moment + duration }
}
