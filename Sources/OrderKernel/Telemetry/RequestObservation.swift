/// What is remembered of a request while it is under way.
struct RequestObservation: Sendable {
    /// When it began; `nil` where nobody wants to know.
    var start: Instant?
    /// Whether the request's trace context is its own span's, sampled or not: an exporter takes spans.
    var hasSpan = false
    /// Whether an exporter takes anything.
    var isMeasured = false
    var isLogged = false

    /// The span of the request, which has ended. Only for one that is recorded.
    func span(
        of request: OrderRequest, _ outcome: Outcome, at start: TelemetryTime, nanoseconds: Int64
    ) -> SpanRecord {
        let route = request.context.route
        let trace = request.context.trace ?? TraceContext(traceID: 0, spanID: 0, flags: 0)
        var span = SpanRecord(
            name: route.name, kind: .server, context: trace, parent: request.context.parent, start: start,
            end: TelemetryTime(nanoseconds: start.nanoseconds + UInt64(max(nanoseconds, 0))),
            attributes: route.attributes + (request.context.metadata?.attributes ?? []))
        span.attributes += route.outcomeAttributes(outcome.status)
        if outcome.status >= 500 { span.status = .error("") }
        return span
    }
}
