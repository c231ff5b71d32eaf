/// What is remembered of a request while it is under way.
struct RequestObservation: Sendable {
    /// When it began; `nil` where nobody wants to know.
    var start: Instant?
    /// Whether the request's trace context is its own span's, sampled or not: an exporter takes spans.
    var hasSpan = false
    /// Whether an exporter takes anything.
    var isMeasured = false
    var isLogged = false
}

/// What the span of a request says that has ended.
struct EndedRequest: Sendable {
    private let route: RequestRoute
    private let trace: TraceContext
    private let parent: SpanRecord.Parent?
    private let facts: [TelemetryAttribute]
    private let status: Int
    private let interval: TelemetryInterval
    /// Bytes that it holds in memory besides itself, roughly.
    let size: Int

    init(_ context: RequestContext, in trace: TraceContext, status: Int, _ interval: TelemetryInterval) {
        self.route = context.route
        self.trace = trace
        self.parent = context.parent
        self.facts = context.metadata?.attributes ?? []
        self.status = status
        self.interval = interval
        self.size = context.metadata?.size ?? 0
    }

    var span: SpanRecord {
        var attributes: [TelemetryAttribute] = []
        attributes.reserveCapacity(16)
        attributes += route.attributes
        attributes += facts
        attributes += route.outcomeAttributes(status)
        var span = SpanRecord(
            name: route.name, kind: .server, context: trace, parent: parent, start: interval.start, end: interval.end,
            attributes: attributes)
        if status >= 500 { span.status = .error("") }
        return span
    }
}
