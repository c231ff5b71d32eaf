/// A moment in UTC, to the nanosecond, as telemetry has it.
public struct TelemetryTime: Sendable, Hashable, Comparable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    init(_ time: Timestamp) {
        self.nanoseconds = UInt64(clamping: time.milliseconds) &* 1_000_000
    }

    public static func < (left: TelemetryTime, right: TelemetryTime) -> Bool { left.nanoseconds < right.nanoseconds }
}
