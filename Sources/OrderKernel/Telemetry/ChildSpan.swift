/// A part of a request's work that becomes a span of its own, where the request's span is recorded.
struct ChildSpan {
    /// Bytes that one holds in memory, roughly.
    static func size(links: Int) -> Int { 768 + 128 * links }

    var name: String
    var kind = SpanRecord.Kind.internal
    var attributes: [TelemetryAttribute] = []
    /// `nil` for work that went well; a short identifier of low cardinality.
    var failure: String?
    var links: [SpanRecord.Link] = []
}

extension Telemetry {
    /// Whether a span of a request is to be made: it is sampled, and there is room for it.
    func isRecorded(_ context: RequestContext) -> Bool {
        context.hasSpan && context.trace?.isSampled == true && takesSpan()
    }

    /// Records a part of a request's work. Only where ``isRecorded(_:)`` says so.
    /// - Parameter end: `nil` for a part that has just ended.
    func record(
        _ child: @autoclosure @escaping @Sendable () -> ChildSpan, of context: RequestContext, since start: Instant,
        until end: Instant? = nil
    ) {
        guard let parent = TracePosition.current?.context ?? context.trace else { return }
        record(child(), as: sampler.context(childOf: parent), parent.spanID, since: start, until: end)
    }

    /// Records work as a span that is decided on.
    /// - Parameters:
    ///   - parent: `nil` for the first span of a trace.
    ///   - links: How many links it has, where they are many.
    func record(
        _ child: @autoclosure @escaping @Sendable () -> ChildSpan, as context: TraceContext, _ parent: UInt64? = nil,
        since start: Instant, until end: Instant? = nil, links: Int = 0
    ) {
        let start = clock.time(at: start)
        let end = end.map { clock.time(at: $0) } ?? clock.now
        let span = Recorded(size: ChildSpan.size(links: links)) {
            let child = child()
            var span = SpanRecord(
                name: child.name, kind: child.kind, context: context,
                parent: parent.map { SpanRecord.Parent(spanID: $0, isRemote: false) }, start: start, end: end,
                attributes: child.attributes)
            span.links = child.links
            if let failure = child.failure {
                span.status = .error("")
                span.attributes.append(TelemetryAttribute("error.type", .string(failure)))
            }
            return span
        }
        record(span)
    }
}
