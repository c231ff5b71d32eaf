/// What waits for an exporter.
protocol Recorded: Sendable {
    var attributes: TelemetryAttributes { get set }
    /// Bytes that it holds in memory, roughly.
    var size: Int { get }
    /// Leaves out what is beyond the limits.
    mutating func limit(to limits: RecordLimits)
}

/// From when until when something was done.
struct TelemetryInterval: Sendable {
    let start: TelemetryTime
    let end: TelemetryTime

    init(start: TelemetryTime, end: TelemetryTime) {
        self.start = start
        self.end = max(start, end)  // the clock may have been set back between them
    }
}
