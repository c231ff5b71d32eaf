internal import Glibc

/// The machine's own clocks.
public struct SystemTime: TimeSource {
    public init() {}

    public var now: Instant { .now }

    public var date: Timestamp {
        let (seconds, nanoseconds) = Self.read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(seconds) * 1_000 + Int64(nanoseconds) / 1_000_000)
    }

    public func sleep(until instant: Instant) async throws {
        try await Task.sleep(for: instant - now)
    }

    static func read(_ clock: clockid_t) -> (seconds: Int, nanoseconds: Int) {
        // As two words: which module the members of `timespec` belong to depends on what else is compiled.
        var time = (seconds: 0, nanoseconds: 0)
        withUnsafeMutablePointer(to: &time) { time in
            _ = time.withMemoryRebound(to: timespec.self, capacity: 1) { clock_gettime(clock, $0) }
        }
        return time
    }
}
