internal import Synchronization

/// The connections of a storage as metrics, to the last collection, which comes when they are closed.
final class DatabaseMeter: Sendable {
    private let storage: any StoragePlugin
    private let clock: TelemetryClock
    private let start: TelemetryTime
    private let last = Mutex<DatabaseDescription?>(nil)  // protects how they were before they were closed

    init(_ storage: any StoragePlugin, _ clock: TelemetryClock) {
        self.storage = storage
        self.clock = clock
        start = clock.now
    }

    func measure() -> [MetricRecord] {
        (last.withLock { $0 } ?? storage.database).measure(since: start, at: clock.now)
    }

    /// The storage is not used any more, and will soon have no connection to tell of.
    func close() {
        let database = storage.database
        last.withLock { $0 = database }
    }
}
