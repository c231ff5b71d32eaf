/// From when until when something was done.
struct TelemetryInterval: Sendable {
    let start: TelemetryTime
    let end: TelemetryTime

    init(start: TelemetryTime, end: TelemetryTime) {
        self.start = start
        self.end = max(start, end)  // the clock may have been set back between them
    }
}
