internal import Instrumentation

/// Where in a trace, and in which request, the current task works.
struct TracePosition: Sendable {
    /// `nil` for a request that is in no trace.
    var context: TraceContext?
    /// Whether the span is another process's.
    var isRemote = false
    var requestID: RequestID?

    /// Where the current task works: in a span that was begun meanwhile, or else in the span of a request.
    static var current: TracePosition? { begun ?? ofRequest }

    /// The span that was begun through swift-distributed-tracing, and in which the current task works.
    static var begun: TracePosition? { ServiceContext.current?.position }

    /// The request that the current task works for, with its span where it has one.
    static var ofRequest: TracePosition? {
        RequestContext.current.map { TracePosition(context: $0.trace, requestID: $0.id) }
    }
}

private enum TracePositionKey: ServiceContextKey {
    typealias Value = TracePosition
}

private enum BaggageKey: ServiceContextKey {
    typealias Value = Baggage
}

extension ServiceContext {
    var position: TracePosition? {
        get { self[TracePositionKey.self] }
        set { self[TracePositionKey.self] = newValue }
    }

    /// What belongs to the trace.
    var baggage: Baggage? {
        get { self[BaggageKey.self] }
        set { self[BaggageKey.self] = newValue }
    }
}
