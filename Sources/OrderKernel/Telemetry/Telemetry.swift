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
    let propagation: Propagation
    let clock: TelemetryClock
    let limits: RecordLimits
    private let isEnabled: Bool
    private let exemplars: RecordingSettings.ExemplarFilter
    private let logs: RecordingSettings.LogFilter
    private let log: LogOutput?
    /// Who is given the spans or logs that are recorded.
    private let pipelines = RarelyChanged<[ExporterPipeline]>([])
    private let early: EarlyLogs
    private let sources = Mutex<[@Sendable () -> [MetricRecord]]>([])  // protects who is asked at each collection
    private let wanted = Atomic<UInt8>(0)
    private let hasLastMetrics = Atomic(true)

    /// - Parameter log: Where each request has a line, if its route's level allows.
    package init(
        resource: [TelemetryAttribute] = [], recording: RecordingSettings = RecordingSettings(), log: LogOutput? = nil,
        time: any TimeSource = SystemTime()
    ) {
        self.resource = resource
        self.sampler = TraceSampler(recording.sampler, ratio: recording.ratio)
        self.propagation = Propagation(recording.propagators)
        self.clock = TelemetryClock(time)
        self.registry = MetricRegistry(clock: clock)
        self.limits = recording.limits
        self.isEnabled = recording.isEnabled
        self.exemplars = recording.exemplars
        self.logs = recording.logs
        self.log = log
        self.early = EarlyLogs(isWanted: recording.isEnabled)
    }

    /// Makes a kind of request known. Once per kind: what is measured is kept for each.
    public func route(
        name: String, attributes: [TelemetryAttribute], logLevel: Logger.Level, metric: RequestMetric = .requests
    ) -> RequestRoute {
        RequestRoute(name: name, attributes: attributes, logLevel: logLevel, metric: metric, telemetry: self)
    }

    /// Has an exporter given what is recorded from now on, and what was logged before there was one.
    /// - Parameter logger: One that is not exported itself; it hears of what could not be sent.
    package func attach(_ exporter: any ExporterPlugin, name: String, logger: Logger) -> ExporterPipeline {
        attach(exporter, demanding: exporter.demand, name: name, logger: logger)
    }

    /// Attaches an exporter whose demand was asked for already, and has no mistakes.
    func attach(
        _ exporter: any ExporterPlugin, demanding demand: TelemetryDemand, name: String, logger: Logger
    ) -> ExporterPipeline {
        let pipeline = ExporterPipeline(
            exporter, demanding: demand, name: name, telemetry: self, logger: logger)
        guard isEnabled else { return pipeline }
        if !pipeline.demand.signals.isDisjoint(with: [.spans, .logs]) { pipelines.change { $0.append(pipeline) } }
        wanted.bitwiseOr(pipeline.demand.signals.rawValue, ordering: .relaxed)
        observe { pipeline.measure() }
        for var record in early.records.map(Optional.some) { pipeline.offer(&record) }
        return pipeline
    }

    /// Says that every exporter is attached.
    package func endAttaching() { early.end() }

    /// Has metrics asked for at each collection.
    package func observe(_ source: @escaping @Sendable () -> [MetricRecord]) {
        sources.withLock { $0.append(source) }
    }

    /// Shows how many lines a log has lost as a metric.
    func observe(_ log: LogOutput) {
        observe { [clock, start = registry.start] in
            let reading = MetricReading(since: start, at: clock.now)
            return [
                reading.total("orderd.log.lines.lost", "Log lines that nobody read.", unit: "{line}", log.lostLines)
            ]
        }
    }

    /// Shows the version of the program as a metric, so that a change of it can be seen beside the others.
    package func describeBuild(version: String) {
        let start = clock.now
        let attributes = [TelemetryAttribute("service.version", .string(version))]
        observe { [clock] in
            let reading = MetricReading(since: start, at: clock.now)
            return [reading.gauge("orderd.build", "Is 1; names the version.", .int(1), attributes)]
        }
    }

    /// All metrics as they stand.
    package func collect() -> [MetricRecord] {
        guard isEnabled else { return [] }
        clock.follow()
        var observed = MetricRecord.joined(sources.withLock { $0 }.flatMap { $0() })
        for index in observed.indices { observed[index].isObserved = true }
        return registry.collect() + observed
    }

    /// Has no metrics exported at the end: the service could not start, and they would hide the reason.
    func leaveOutLastMetrics() { hasLastMetrics.store(false, ordering: .relaxed) }

    /// All metrics as they stand at the end; none where they are left out.
    func collectLast() -> [MetricRecord] { hasLastMetrics.load(ordering: .relaxed) ? collect() : [] }

    /// What at least one exporter takes.
    var signals: TelemetrySignals { TelemetrySignals(rawValue: wanted.load(ordering: .relaxed)) }

    /// Whether an exporter has room for a span; else it counts as refused, and need not be made.
    func admitSpan() -> Bool { admit(.spans) }

    /// Whether an exporter has room for a log record; else it counts as refused, and need not be made.
    /// - Parameter trace: The one that the record belongs to.
    func admitLog(of trace: TraceContext?) -> Bool {
        guard signals.contains(.logs) else { return early.takesMore }
        guard logs == .all || trace?.isSampled ?? true else { return false }
        return admit(.logs)
    }

    private func admit(_ signal: TelemetrySignals) -> Bool {
        pipelines.read { pipelines in
            if pipelines.contains(where: { $0.takes(signal) }) { return true }
            for pipeline in pipelines { pipeline.miss(signal) }
            return false
        }
    }

    func record(_ span: consuming SpanRecord) {
        offer(span) { $0.offer(&$1) }
    }

    func record(_ log: consuming LogRecord) {
        early.keep(log)
        offer(log) { $0.offer(&$1) }
    }

    /// Offers each pipeline a copy, and the last the record itself: threads that count uses of the same memory wait for
    /// each other. So the pipelines are seen through a `Span`, which counts none.
    @inline(__always)
    private func offer<Item>(_ item: consuming Item, with offer: (ExporterPipeline, inout Item?) -> Void) {
        var item = Optional(item)
        pipelines.read { all in
            let all = all.span
            for index in all.indices.dropLast() {
                var copy = item
                offer(all[index], &copy)
            }
            if !all.isEmpty { offer(all[all.count - 1], &item) }
        }
    }

    /// Begins to observe a request.
    func begin(_ context: RequestContext, since start: Instant? = nil) -> RequestObservation {
        let isLogged = log?.isEnabled(context.route.logLevel) ?? false
        let isWanted = !signals.isEmpty
        guard isWanted || isLogged else { return RequestObservation() }
        if isWanted { context.route.enter() }
        return RequestObservation(start: start ?? clock.time.now, isMeasured: isWanted, isLogged: isLogged)
    }

    /// Records how a request ended.
    func end(_ observation: RequestObservation, _ request: OrderRequest, _ outcome: Outcome) {
        guard let start = observation.start else { return }
        let route = request.context.route
        let now = clock.time.now
        let nanoseconds = (now - start).wholeNanoseconds
        if observation.isMeasured {
            route.leave()
            route.record(
                nanoseconds: nanoseconds, status: outcome.status, example: example(request.context),
                at: clock.time(at: now))
        }
        let isRecorded = admitSpan(of: request.context)
        guard isRecorded || observation.isLogged else { return }
        let facts = observation.isLogged ? request.context.facts : nil
        if isRecorded, let trace = request.context.trace {
            let interval = interval(since: start, until: now)
            record(SpanRecord(request.context, in: trace, status: outcome.status, facts, interval))
        }
        if let facts, let log {
            let line = RequestLine(request.context, outcome, facts, nanoseconds: nanoseconds)
            line.write(to: log)
            if admitLog(of: request.context.trace) { record(line.record(at: clock.time(at: now))) }
        }
    }

    /// The span that a measurement of a request names as its example; `nil` for none.
    func example(_ context: RequestContext) -> TraceContext? {
        guard context.hasSpan, let trace = context.trace else { return nil }
        switch exemplars {
        case .traceBased: return trace.isSampled ? trace : nil
        case .alwaysOn: return trace
        case .alwaysOff: return nil
        }
    }
}
