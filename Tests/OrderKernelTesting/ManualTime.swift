public import OrderKernel
internal import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualTime: TimeSource {
    private struct Sleeper {
        let until: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Instant
        var date: Timestamp
        var nextSleeper = 0
        var sleepers: [Int: Sleeper] = [:]

        mutating func advance(by duration: Duration) -> [CheckedContinuation<Void, any Error>] {
            now += duration
            date = Timestamp(milliseconds: date.milliseconds + Int64(duration / .milliseconds(1)))
            let due = sleepers.filter { $0.value.until <= now }
            for number in due.keys { sleepers[number] = nil }
            return due.values.sorted { $0.until < $1.until }.map(\.continuation)
        }
    }

    private let state: Mutex<State>  // protects the time, and who sleeps

    /// - Parameter date: What ``date`` is until the time is moved.
    public init(date: Timestamp = Timestamp(milliseconds: 1_762_597_800_000)) {
        state = Mutex(State(now: .now, date: date))
    }

    public var now: Instant { state.withLock { $0.now } }

    public var date: Timestamp { state.withLock { $0.date } }

    /// Moves the time on and wakes those who slept until then, earliest first.
    public func advance(by duration: Duration) {
        state.withLock { $0.advance(by: duration) }.forEach { $0.resume() }
    }

    public func sleep(until instant: Instant) async throws {
        let number = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.now < instant {
                        state.sleepers[number] = Sleeper(until: instant, continuation: continuation)
                    }
                    return state.now >= instant
                }
                if isDue { continuation.resume() }
                if Task.isCancelled { cancel(number) }
            }
        } onCancel: {
            cancel(number)
        }
    }

    private func cancel(_ number: Int) {
        state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume(throwing: CancellationError())
    }
}
