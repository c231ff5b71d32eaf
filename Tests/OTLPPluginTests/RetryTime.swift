import OrderKernel
import Synchronization

/// A clock that skips short waits and remembers them; a long wait lasts until it is given up, and so does every later
/// wait for the same instant: a deadline stays one however near it comes.
final class RetryTime: TimeSource {
    private struct State {
        var skipped = Duration.zero
        var waits: [Duration] = []
        var deadlines: [Instant] = []
    }

    private let state = Mutex(State())  // protects what was skipped
    private let longest: Duration
    private let begun = AsyncStream.makeStream(of: Duration.self)

    /// - Parameter longest: Longest wait that is skipped.
    init(skippingUpTo longest: Duration = .seconds(600)) { self.longest = longest }

    /// For an export with `timeout: 60s`: each wait between two attempts is skipped, and each attempt has time.
    static var ofLongExport: RetryTime { RetryTime(skippingUpTo: .seconds(24)) }

    var now: Instant { .now + state.withLock { $0.skipped } }
    var date: Timestamp { SystemTime().date }
    /// The waits that were skipped.
    var waits: [Duration] { state.withLock { $0.waits } }

    /// Waits until somebody sleeps for at most that long.
    func waitForSleep(upTo most: Duration) async {
        for await wait in begun.stream where wait <= most { return }
    }

    func sleep(until instant: Instant) async throws {
        let wait = instant - now
        begun.continuation.yield(wait)
        let isSkipped = state.withLock { state in
            if wait > longest { state.deadlines.append(instant) }
            guard !state.deadlines.contains(instant) else { return false }
            state.skipped += wait
            state.waits.append(wait)
            return true
        }
        if !isSkipped { try await SystemTime().sleep(for: .seconds(3_600)) }
    }
}
