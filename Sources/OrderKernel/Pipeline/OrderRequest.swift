/// What a transport asks of the service: one operation, and the circumstances.
public struct OrderRequest: Sendable {
    /// What is asked.
    public var operation: Operation
    /// Who asks, until when, and where in a trace.
    public var context: RequestContext

    public init(_ operation: Operation, context: RequestContext) {
        self.operation = operation
        self.context = context
    }

    /// The things that can be asked.
    @nonexhaustive
    public indirect enum Operation: Sendable {
        /// The key text is the client's own; the principal of the context is added by the endpoint.
        case create(OrderDraft, key: String?)
        /// Not given again where the client has the order's revision already.
        case get(Order.ID, unless: KnownRevisions? = nil)
        case list(OrderQuery)
        case update(Order.ID, OrderChange)
        /// Input that could not even be read. It passes the whole pipeline, so that it is limited, logged and counted
        /// like any other, and the endpoint answers it with this problem. Where it was meant to create or change an
        /// order it counts as a refused order; `nil` where nobody knows what it was meant to be.
        case undecodable(Problem, changesOrders: Bool? = nil)
    }
}

/// What the service did for a request.
@nonexhaustive
public indirect enum Reply: Sendable, Equatable {
    case created(Order)
    /// The idempotency key had created this order already.
    case replayed(Order)
    case found(Order)
    /// The client has this revision of the order already.
    case notModified(Order)
    case updated(Order)
    /// The order had the wanted members already.
    case unchanged(Order)
    case page(OrderPage)

    /// The HTTP status that goes with the reply, on every transport.
    public var status: Int {
        switch self {
        case .created, .replayed: 201
        case .found, .updated, .unchanged, .page: 200
        case .notModified: 304
        }
    }

    /// Whether what a write asks for was stored, by this request or by one before it with the same key.
    var isStored: Bool {
        switch self {
        case .created, .replayed, .updated: true
        case .found, .notModified, .unchanged, .page: false
        }
    }
}

/// The answer to a request.
public enum Outcome: Sendable, Equatable {
    case reply(Reply)
    indirect case problem(Problem)

    /// The HTTP status of the outcome, on every transport.
    public var status: Int {
        switch self {
        case .reply(let reply): reply.status
        case .problem(let problem): problem.code.status
        }
    }
}
