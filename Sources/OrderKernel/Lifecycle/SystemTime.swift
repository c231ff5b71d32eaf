internal import Glibc

/// The machine's own clocks.
public struct SystemTime: TimeSource {
    public init() {}

    public var now: ContinuousClock.Instant { .now }

    public var date: Timestamp {
        // As two words: which module the members of `timespec` belong to depends on what else is compiled.
        var time = (seconds: 0, nanoseconds: 0)
        withUnsafeMutablePointer(to: &time) { time in
            _ = time.withMemoryRebound(to: timespec.self, capacity: 1) { clock_gettime(CLOCK_REALTIME, $0) }
        }
        return Timestamp(milliseconds: Int64(time.seconds) * 1_000 + Int64(time.nanoseconds) / 1_000_000)
    }

    public func sleep(until instant: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: instant, clock: .continuous)
    }
}
