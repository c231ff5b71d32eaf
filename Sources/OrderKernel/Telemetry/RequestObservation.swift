/// What is remembered of a request while it is under way.
struct RequestObservation: Sendable {
    /// When it began; `nil` where nobody wants to know.
    var start: Instant?
    /// Whether an exporter takes anything.
    var isMeasured = false
    var isLogged = false
}

extension SpanRecord {
    /// The span of a request that has ended.
    /// - Parameter facts: What the request's span and its log line both say; `nil` where nobody has gathered it.
    init(
        _ context: RequestContext, in trace: TraceContext, status: Int, _ facts: TelemetryAttributes?,
        _ interval: TelemetryInterval
    ) {
        let route = context.route
        var attributes = TelemetryAttributes(capacity: 512)
        attributes.append(contentsOf: route.spanAttributes)
        if let facts {
            attributes.append(contentsOf: facts)
        } else {
            context.metadata?.addAttributes(to: &attributes)
        }
        context.metadata?.addSpanAttributes(to: &attributes)
        route.addOutcome(status, to: &attributes)
        self.init(
            name: route.name, kind: .server, context: trace, parent: context.parent, start: interval.start,
            end: interval.end, attributes: attributes)
        if status >= 500 { self.status = .error("") }
    }
}

extension RequestContext {
    /// What the request's span and its log line both say.
    var facts: TelemetryAttributes {
        var facts = TelemetryAttributes(capacity: 256)
        metadata?.addAttributes(to: &facts)
        return facts
    }
}
