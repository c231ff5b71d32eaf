/// Where the service takes the time from.
public protocol TimeSource: Sendable {
    /// Never goes back; for deadlines and durations.
    var now: Instant { get }
    /// UTC; for what is stored and told.
    var date: Timestamp { get }
    /// Waits until then. Throws `CancellationError` when the task is cancelled.
    func sleep(until instant: Instant) async throws
}

extension TimeSource {
    /// Waits for that long. Throws `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: now + duration)
    }
}
