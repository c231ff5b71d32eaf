/// Parts of a request's work, each a span of its own where the request's span is recorded.
extension Telemetry {
    /// Whether a span of a request is to be made: it is sampled, and there is room for it.
    func admitSpan(of context: RequestContext) -> Bool {
        context.hasSpan && context.trace?.isSampled == true && admitSpan()
    }

    /// What a part of a request's work is a part of: a span that was begun meanwhile, or the request's.
    func parent(in context: RequestContext) -> TraceContext? { TracePosition.begun?.context ?? context.trace }

    /// Records a part of a request's work. Only where ``admitSpan(of:)`` says so.
    func record(
        _ name: String, of context: RequestContext, since start: Instant, until end: Instant,
        links: [SpanRecord.Link] = []
    ) {
        guard let parent = parent(in: context) else { return }
        var span = SpanRecord(
            name, .internal, as: sampler.context(childOf: parent), of: parent.spanID,
            interval(since: start, until: end))
        span.links = links
        record(span)
    }

    func interval(since start: Instant, until end: Instant) -> TelemetryInterval {
        TelemetryInterval(start: clock.time(at: start), end: clock.time(at: end))
    }
}
