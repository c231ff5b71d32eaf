internal import Glibc

/// The machine's own clocks.
public struct SystemTime: TimeSource {
    public init() {}

    public var now: ContinuousClock.Instant { .now }

    public var date: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public func sleep(until instant: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: instant, clock: .continuous)
    }
}
