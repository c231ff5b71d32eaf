public import Logging
internal import Synchronization

/// A kind of request as telemetry names it: made once by a transport, used for every request of the kind.
public final class RequestRoute: Sendable {
    /// Name of the request's span: `GET /orders/{id}`.
    public let name: String
    /// Facts of the kind, of low cardinality, for spans and metrics alike.
    public let attributes: [TelemetryAttribute]
    /// Level of the line that each request logs.
    public let logLevel: Logger.Level
    /// What its requests are measured by.
    public let metric: RequestMetric
    private let registry: MetricRegistry
    private let durations = Mutex<[(status: Int, histogram: Histogram)]>([])  // protects which statuses were met

    init(
        name: String, attributes: [TelemetryAttribute], logLevel: Logger.Level, metric: RequestMetric,
        registry: MetricRegistry
    ) {
        self.name = name
        self.attributes = attributes
        self.logLevel = logLevel
        self.metric = metric
        self.registry = registry
    }

    func record(nanoseconds: Int64, status: Int) {
        histogram(status)?.record(Double(nanoseconds) / 1_000_000_000)
    }

    /// What a request's span and measurement say besides ``attributes``, when it ends with that status.
    func outcomeAttributes(_ status: Int) -> [TelemetryAttribute] {
        let code = TelemetryAttribute(metric.statusKey, .int(status))
        return status < 500 ? [code] : [code, TelemetryAttribute("error.type", .string(String(status)))]
    }

    /// The registry is asked once for each status; a search among the few that a route has is faster than a look-up.
    private func histogram(_ status: Int) -> Histogram? {
        let known = durations.withLock { $0.first { $0.status == status }?.histogram }
        if let known { return known }
        let cell = registry.cell(metric.descriptor, attributes + outcomeAttributes(status))
        guard case .histogram(let histogram) = cell else { return nil }
        durations.withLock { $0.append((status, histogram)) }
        return histogram
    }
}

/// The histogram that holds how long requests took, in seconds.
public struct RequestMetric: Sendable, Equatable {
    public let name: String
    public let description: String
    /// Upper bounds of the buckets in seconds, strictly ascending, at most 31.
    public let bounds: [Double]
    /// Attribute that holds the status.
    public let statusKey: String

    public init(
        name: String, description: String = "Duration of requests.", bounds: [Double] = RequestMetric.standardBounds,
        statusKey: String
    ) {
        self.name = name
        self.description = description
        self.bounds = bounds
        self.statusKey = statusKey
    }

    /// What a transport has that no semantic convention covers.
    public static let requests = RequestMetric(name: "orderd.request.duration", statusKey: "orderd.status")

    /// Bounds of OpenTelemetry's semantic conventions for `http.server.request.duration`.
    public static let standardBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    var descriptor: MetricRegistry.Descriptor {
        MetricRegistry.Descriptor(name: name, description: description, unit: "s", kind: .histogram(bounds: bounds))
    }
}
