/// What an exporter is given to send on.
public struct TelemetryBatch: Sendable {}
