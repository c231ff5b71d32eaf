/// The circumstances of a request.
public struct RequestContext: Sendable {
    public var id: RequestID
    /// What kind of request this is, as telemetry names it.
    public let route: RequestRoute
    /// When the answer comes too late. Ends a write's waiting, never a commit that has begun.
    public var deadline: ContinuousClock.Instant
    /// The caller's span where a transport gives it, otherwise read from `traceparent`; inside the service the request's own.
    public var trace: TraceContext?
    /// Who asks; empty where the transport authenticates nobody.
    public var principal: String
    /// What the transport knows besides, such as headers.
    public var metadata: (any RequestMetadata)?
    /// The request's place among those that must take effect one after another; `nil` where they need not.
    public var turn: OrderedInput.Turn?

    public init(
        id: RequestID, route: RequestRoute, deadline: ContinuousClock.Instant, trace: TraceContext? = nil,
        principal: String = "", metadata: (any RequestMetadata)? = nil, turn: OrderedInput.Turn? = nil
    ) {
        self.id = id
        self.route = route
        self.deadline = deadline
        self.trace = trace
        self.principal = principal
        self.metadata = metadata
        self.turn = turn
    }
}

/// What a transport knows of a request besides its operation.
public protocol RequestMetadata: Sendable {
    /// Every value under a name, without regard to case, in the order they came.
    func values(for name: String) -> [String]
    /// Facts for the request's span and log line, asked only when one is written.
    var attributes: [TelemetryAttribute] { get }
}
