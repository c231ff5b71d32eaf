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

extension RequestContext {
    /// The span of the request, which has ended.
    func span(status: Int, _ interval: TelemetryInterval) -> SpanRecord {
        var attributes: [TelemetryAttribute] = []
        attributes.reserveCapacity(16)
        attributes += route.attributes
        if let metadata { attributes += metadata.attributes }
        attributes += route.outcomeAttributes(status)
        var span = SpanRecord(
            name: route.name, kind: .server, context: trace ?? TraceContext(traceID: 0, spanID: 0, flags: 0),
            parent: parent, start: interval.start, end: interval.end, attributes: attributes)
        if status >= 500 { span.status = .error("") }
        return span
    }
}
