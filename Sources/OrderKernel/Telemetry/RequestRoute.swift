public import Logging

/// A kind of request as telemetry names it: made once by a transport, used for every request of the kind.
public final class RequestRoute: Sendable {
    /// Name of the request's span: `GET /orders/{id}`.
    public let name: String
    /// Facts of the kind, of low cardinality, for spans and metrics alike.
    public let attributes: [TelemetryAttribute]
    /// Level of the line that each request logs.
    public let logLevel: Logger.Level

    init(name: String, attributes: [TelemetryAttribute], logLevel: Logger.Level) {
        self.name = name
        self.attributes = attributes
        self.logLevel = logLevel
    }
}
