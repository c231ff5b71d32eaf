import Metrics
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

/// A clock of which the date can be set, while time passes by hand.
private final class SetTime: TimeSource {
    let time = ManualTime()
    private let change = Atomic<Int64>(0)

    func set(by milliseconds: Int64) { change.add(milliseconds, ordering: .relaxed) }

    var now: Instant { time.now }
    var date: Timestamp { Timestamp(milliseconds: time.date.milliseconds + change.load(ordering: .relaxed)) }
    func sleep(until instant: Instant) async throws { try await time.sleep(until: instant) }
}

@Suite("TelemetryClock")
struct TelemetryClockTests {
    private let time = SetTime()

    private func nanoseconds(_ date: Timestamp) -> UInt64 { UInt64(date.milliseconds) * 1_000_000 }

    @Test(
        "it follows a wall clock that was set, once it looks, and not a little drift",
        arguments: [(7_200_000, true), (-60_000, true), (900, false), (-900, false)] as [(Int64, Bool)])
    func follows(change: Int64, isFollowed: Bool) {
        let clock = TelemetryClock(time)
        time.time.advance(by: .seconds(3_600))
        let before = time.date
        time.set(by: change)
        #expect(clock.now.nanoseconds == nanoseconds(before))
        clock.follow()
        #expect(clock.now.nanoseconds == nanoseconds(isFollowed ? time.date : before))
    }

    @Test("a collection follows, and no point is from before its start")
    func collection() throws {
        let telemetry = Telemetry(time: time)
        TelemetryMetricsFactory(telemetry).makeCounter(label: "hits", dimensions: []).increment(by: 1)
        let start = nanoseconds(time.date)
        time.time.advance(by: .seconds(60))
        for change in [3_600_000, -86_400_000] as [Int64] {
            time.set(by: change)
            let metric = try #require(telemetry.collect().first { $0.name == "hits" })
            guard case .sum(let points, _) = metric.data, let point = points.first else {
                Issue.record("no sum")
                continue
            }
            #expect(point.start.nanoseconds == start)
            #expect(point.time.nanoseconds == start + 3_660_000_000_000)
        }
    }
}
