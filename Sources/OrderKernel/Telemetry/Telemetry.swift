public import Logging

/// Records what the service does.
public final class Telemetry: Sendable {
    package init() {}

    /// Makes a kind of request known.
    public func route(name: String, attributes: [TelemetryAttribute], logLevel: Logger.Level) -> RequestRoute {
        RequestRoute(name: name, attributes: attributes, logLevel: logLevel)
    }

    func begin(_ request: inout OrderRequest) -> RequestObservation { RequestObservation() }

    func end(_ observation: RequestObservation, _ request: OrderRequest, _ outcome: Outcome) {}
}

/// What is remembered of a request while it is under way.
struct RequestObservation: Sendable {}
