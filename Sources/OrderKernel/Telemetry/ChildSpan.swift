/// A part of a request's work that becomes a span of its own, where the request's span is recorded.
struct ChildSpan {
    var name: String
    var kind = SpanRecord.Kind.internal
    var attributes = TelemetryAttributes()
    /// `nil` for work that went well; a short identifier of low cardinality.
    var failure: String?
    var links: [SpanRecord.Link] = []
    /// Links beyond the limit, which were left out.
    var droppedLinks = 0

    func span(_ context: TraceContext, parent: UInt64?, _ interval: TelemetryInterval) -> SpanRecord {
        var span = SpanRecord(
            name: name, kind: kind, context: context,
            parent: parent.map { SpanRecord.Parent(spanID: $0, isRemote: false) }, start: interval.start,
            end: interval.end, attributes: attributes)
        span.links = links
        span.dropped.links = droppedLinks
        if let failure {
            span.status = .error("")
            span.attributes.append("error.type", .string(failure))
        }
        return span
    }
}

extension Telemetry {
    /// Whether a span of a request is to be made: it is sampled, and there is room for it.
    func admitSpan(of context: RequestContext) -> Bool {
        context.hasSpan && context.trace?.isSampled == true && admitSpan()
    }

    /// What a part of a request's work is a part of: a span that was begun meanwhile, or the request's.
    func parent(in context: RequestContext) -> TraceContext? { TracePosition.current?.context ?? context.trace }

    /// Records a part of a request's work. Only where ``admitSpan(of:)`` says so.
    /// - Parameter end: `nil` for a part that has just ended.
    func record(
        _ child: ChildSpan, of context: RequestContext, since start: Instant, until end: Instant? = nil
    ) {
        guard let parent = parent(in: context) else { return }
        record(child, as: sampler.context(childOf: parent), parent.spanID, since: start, until: end)
    }

    /// Records work as a span that is decided on.
    /// - Parameter parent: `nil` for the first span of a trace.
    func record(
        _ child: ChildSpan, as context: TraceContext, _ parent: UInt64? = nil, since start: Instant,
        until end: Instant? = nil
    ) {
        let interval = TelemetryInterval(
            start: clock.time(at: start), end: end.map { clock.time(at: $0) } ?? clock.now)
        record(child.span(context, parent: parent, interval))
    }
}
