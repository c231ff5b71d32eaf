public import Logging
internal import Synchronization

/// Records what the service does: a measurement for each request, a span for each one that is sampled, log records.
///
/// Recording never waits: exporters take what was recorded from queues of their own.
public final class Telemetry: Sendable {
    /// What the service is, for every exporter.
    let resource: [TelemetryAttribute]
    let registry: MetricRegistry
    let sampler: TraceSampler
    let clock: TelemetryClock
    private let log: LogOutput?
    private let pipelines = Mutex<[ExporterPipeline]>([])  // protects who is given what is recorded
    private let wanted = Atomic<UInt8>(0)

    /// - Parameters:
    ///   - sampleRatio: Part of the traces without parent that is recorded, 0...1.
    ///   - log: Where each request has a line, if its route's level allows.
    package init(
        resource: [TelemetryAttribute] = [], sampleRatio: Double = 1, log: LogOutput? = nil,
        time: any TimeSource = SystemTime()
    ) {
        self.resource = resource
        self.sampler = TraceSampler(ratio: sampleRatio)
        self.clock = TelemetryClock(time)
        self.registry = MetricRegistry(clock: clock)
        self.log = log
    }

    /// Makes a kind of request known. Once per kind: what is measured is kept for each.
    public func route(
        name: String, attributes: [TelemetryAttribute], logLevel: Logger.Level, metric: RequestMetric = .requests
    ) -> RequestRoute {
        RequestRoute(name: name, attributes: attributes, logLevel: logLevel, metric: metric, registry: registry)
    }

    /// Has an exporter given what is recorded from now on.
    /// - Parameter logger: One that is not exported itself; it hears of what could not be sent.
    package func attach(_ exporter: any ExporterPlugin, name: String, logger: Logger) -> ExporterPipeline {
        let pipeline = ExporterPipeline(exporter, name: name, telemetry: self, logger: logger)
        pipelines.withLock { $0.append(pipeline) }
        wanted.bitwiseOr(pipeline.demand.signals.rawValue, ordering: .relaxed)
        return pipeline
    }

    /// All metrics as they stand.
    package func collect() -> [MetricRecord] { registry.collect() }

    /// What at least one exporter takes.
    var signals: TelemetrySignals { TelemetrySignals(rawValue: wanted.load(ordering: .relaxed)) }

    func record(_ span: SpanRecord) {
        for pipeline in pipelines.withLock({ $0 }) { pipeline.offer(span) }
    }

    func record(_ record: LogRecord) {
        for pipeline in pipelines.withLock({ $0 }) { pipeline.offer(record) }
    }

    /// Begins to observe a request, and gives it the trace context of its own span.
    func begin(_ request: inout OrderRequest) -> RequestObservation {
        let signals = self.signals
        if request.context.trace == nil, let metadata = request.context.metadata {
            request.context.trace = TraceContext(
                traceparent: metadata.values(for: "traceparent"), tracestate: metadata.values(for: "tracestate"))
        }
        let isLogged = log?.isEnabled(request.context.route.logLevel) ?? false
        guard !signals.isEmpty || isLogged else { return RequestObservation() }
        guard signals.contains(.spans) else { return RequestObservation(start: clock.time.now, isLogged: isLogged) }
        let parent = request.context.trace
        let context = sampler.context(childOf: parent)
        request.context.trace = context
        return RequestObservation(
            start: clock.time.now, parent: parent.map { .init(spanID: $0.spanID, isRemote: true) },
            hasSpan: true, isLogged: isLogged)
    }

    /// Records how a request ended.
    func end(_ observation: RequestObservation, _ request: OrderRequest, _ outcome: Outcome) {
        guard let start = observation.start else { return }
        let nanoseconds = (clock.time.now - start).wholeNanoseconds
        request.context.route.record(nanoseconds: nanoseconds, status: outcome.status)
        if let span = observation.span(of: request, outcome, at: clock.time(at: start), nanoseconds: nanoseconds) {
            record(span)
        }
        if observation.isLogged, let log {
            let line = RequestLine(request: request, outcome: outcome, nanoseconds: nanoseconds)
            line.write(to: log)
            if signals.contains(.logs) { record(line.record(at: clock.now)) }
        }
    }
}
