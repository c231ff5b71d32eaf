/// What waits for an exporter.
protocol Recorded: Sendable {
    var attributes: TelemetryAttributes { get set }
    /// Bytes that it holds in memory, roughly.
    var size: Int { get }
    /// Leaves out what is beyond the limits.
    mutating func limit(to limits: RecordLimits)
}
