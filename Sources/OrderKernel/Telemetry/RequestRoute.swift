public import Logging

/// A kind of request as telemetry names it: made once by a transport, used for every request of the kind.
public final class RequestRoute: Sendable {
    /// Where the requests of one status come together; one object, of which a request counts one use instead of three.
    private final class Cells: Sendable {
        let status: Int
        let duration: Histogram
        let requestSize: Histogram?
        let responseSize: Histogram?

        init(_ status: Int, _ metric: RequestMetric, _ registry: MetricRegistry, _ facts: [TelemetryAttribute]) {
            self.status = status
            duration = metric.durations(in: registry, facts)
            requestSize = metric.requestSizes(in: registry, facts)
            responseSize = metric.responseSizes(in: registry, facts)
        }
    }

    /// Name of the request's span: `GET /orders/{id}`.
    public let name: String
    /// Facts of the kind, of low cardinality, for spans and metrics alike.
    public let attributes: [TelemetryAttribute]
    /// The same, for spans.
    let spanAttributes: TelemetryAttributes
    /// Level of the line that each request logs.
    public let logLevel: Logger.Level
    /// What its requests are measured by.
    public let metric: RequestMetric
    let telemetry: Telemetry
    private let active: CounterCell?
    /// Of the statuses that were met.
    private let cells = RarelyChanged<[Cells]>([])

    init(
        name: String, attributes: [TelemetryAttribute], logLevel: Logger.Level, metric: RequestMetric,
        telemetry: Telemetry
    ) {
        self.name = name
        self.attributes = attributes
        self.spanAttributes = TelemetryAttributes(attributes)
        self.logLevel = logLevel
        self.metric = metric
        self.telemetry = telemetry
        active = metric.active.map { active in
            let shared = attributes.filter { active.attributeKeys.contains($0.key) }
            return active.cell(in: telemetry.registry, shared)
        }
    }

    /// Says how large a request and its answer were; for transports whose requests have bodies.
    public func recordBodies(request: Int, response: Int, status: Int) {
        guard telemetry.signals.contains(.metrics) else { return }
        let cells = cells(of: status)
        cells.requestSize?.record(Double(request))
        cells.responseSize?.record(Double(response))
    }

    func enter() { active?.increment() }

    func leave() { active?.decrement() }

    /// - Parameter trace: The span that the measurement names as its example.
    func record(nanoseconds: Int64, status: Int, example trace: TraceContext?, at time: TelemetryTime) {
        cells(of: status).duration.record(Double(nanoseconds) / 1_000_000_000, example: trace, at: time)
    }

    /// Adds what a request's span and measurement say besides ``attributes``, when it ends with that status.
    func addOutcome(_ status: Int, to attributes: inout TelemetryAttributes) {
        attributes.append(metric.statusKey, .int(status))
        if status >= 500 { attributes.append("error.type", .string(String(status))) }
    }

    /// The registry is asked once for each status; a search among the few that a route has is faster than a look-up.
    private func cells(of status: Int) -> Cells {
        let known = cells.read { $0.first { $0.status == status } }
        if let known { return known }
        var attributes = spanAttributes
        addOutcome(status, to: &attributes)
        let new = Cells(status, metric, telemetry.registry, Array(attributes))
        cells.change { $0.append(new) }
        return new
    }
}
