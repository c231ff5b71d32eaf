internal import Instrumentation

/// What is remembered of a request while it is under way.
struct RequestObservation: Sendable {
    /// When it began; `nil` where nobody wants to know.
    var start: Instant?
    var parent: SpanRecord.Parent?
    /// Whether the request's trace context is its own span's, sampled or not: an exporter takes spans.
    var hasSpan = false
    var isLogged = false

    /// What a span that is begun while the request is under way finds as its parent, so that it is recorded when the
    /// request is and only then; `nil` where no exporter takes spans, as a task-local value costs something.
    func serviceContext(for request: OrderRequest) -> ServiceContext? {
        guard hasSpan, let trace = request.context.trace else { return nil }
        var context = ServiceContext.current ?? .topLevel
        context.position = TracePosition(context: trace, requestID: request.context.id)
        return context
    }

    /// The span of the request, which has ended; `nil` where it is not recorded.
    func span(of request: OrderRequest, _ outcome: Outcome, at start: TelemetryTime, nanoseconds: Int64) -> SpanRecord?
    {
        guard hasSpan, let trace = request.context.trace, trace.isSampled else { return nil }
        let route = request.context.route
        var span = SpanRecord(
            name: route.name, kind: .server, context: trace, parent: parent, start: start,
            end: TelemetryTime(nanoseconds: start.nanoseconds + UInt64(max(nanoseconds, 0))),
            attributes: route.attributes + (request.context.metadata?.attributes ?? []))
        span.attributes += route.outcomeAttributes(outcome.status)
        if outcome.status >= 500 { span.status = .error("") }
        return span
    }
}

/// Where in a trace, and in which request, the current task works.
struct TracePosition: Sendable {
    var context: TraceContext
    /// Whether the span is another process's.
    var isRemote = false
    var requestID: RequestID?
}

private enum TracePositionKey: ServiceContextKey {
    typealias Value = TracePosition
}

extension ServiceContext {
    var position: TracePosition? {
        get { self[TracePositionKey.self] }
        set { self[TracePositionKey.self] = newValue }
    }
}
