/// The circumstances of a request.
///
/// A value; its members stand together behind one reference, as a request goes through many hands.
public struct RequestContext: Sendable {
    private struct Members {
        var id: RequestID
        var route: RequestRoute
        var deadline: Instant
        var trace: TraceContext?
        var principal: String
        var metadata: (any RequestMetadata)?
        var turn: OrderedInput.Turn?
    }

    private final class Storage: Sendable {
        let members: Members

        init(_ members: Members) { self.members = members }
    }

    private var storage: Storage

    public init(
        id: RequestID, route: RequestRoute, deadline: Instant, principal: String = "",
        metadata: (any RequestMetadata)? = nil, turn: OrderedInput.Turn? = nil
    ) {
        storage = Storage(
            Members(
                id: id, route: route, deadline: deadline, principal: principal, metadata: metadata, turn: turn))
    }

    /// Names the request in answers and logs.
    public var id: RequestID {
        get { storage.members.id }
        set { change { $0.id = newValue } }
    }

    /// What kind of request this is, as telemetry names it.
    public var route: RequestRoute { storage.members.route }

    /// When the answer comes too late. Ends a write's waiting, never a commit that has begun.
    public var deadline: Instant {
        get { storage.members.deadline }
        set { change { $0.deadline = newValue } }
    }

    /// The trace that the caller is part of; inside the pipeline, the request's own place in it.
    public var trace: TraceContext? {
        get { storage.members.trace }
        set { change { $0.trace = newValue } }
    }

    /// Who asks; empty where the transport authenticates nobody.
    public var principal: String {
        get { storage.members.principal }
        set { change { $0.principal = newValue } }
    }

    /// What the transport knows besides, such as headers.
    public var metadata: (any RequestMetadata)? {
        get { storage.members.metadata }
        set { change { $0.metadata = newValue } }
    }

    /// The request's place among those that must take effect one after another; `nil` where they need not.
    public var turn: OrderedInput.Turn? { storage.members.turn }

    /// When the answer comes too late, for a read that begins now: one that had to wait for its turn has the patience
    /// of its input.
    func deadline(from now: @autoclosure () -> Instant) -> Instant {
        turn.map { now() + $0.input.patience } ?? deadline
    }

    private mutating func change(_ body: (inout Members) -> Void) {
        var members = storage.members
        body(&members)
        storage = Storage(members)
    }
}

/// What a transport knows of a request besides its operation.
public protocol RequestMetadata: Sendable {
    /// Every value under a name, without regard to case, in the order they came.
    func values(for name: String) -> [String]
    /// Facts for the request's span and log line, asked only when one is written.
    var attributes: [TelemetryAttribute] { get }
}
