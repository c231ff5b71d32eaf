internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// A request that is complete, or is refused before it is.
final class Request: Sendable {
    let plan: RequestPlan
    let body: ByteBuffer?
    /// When its head was complete.
    let start: Instant
    /// When all of it was.
    let completion: Instant

    init(plan: RequestPlan, body: ByteBuffer?, start: Instant, completion: Instant) {
        self.plan = plan
        self.body = body
        self.start = start
        self.completion = completion
    }
}

/// What a request asks for, as far as its head tells.
struct RequestPlan: Sendable {
    enum Action: Sendable {
        case tell(HealthDocument.Kind)
        indirect case show(any ServiceDocument)
        /// What passes the service's pipeline.
        case orders(OrderAction)
    }

    enum OrderAction: Sendable {
        case create(key: String?)
        case get(Order.ID, unless: KnownRevisions?)
        case list(OrderQuery, PageLink)
        case update(Order.ID, ifRevision: [Int]?)
        indirect case refuse(Problem)
    }

    var action: Action
    let id: RequestID
    let method: Method
    /// `nil` for a path that is not served.
    let template: RouteTemplate?
    let metadata: HTTPMetadata
    /// Whether it is meant to create or change an order.
    var changesOrders: Bool { template == .orders && method == .post || template == .order && method == .put }
    /// Whether the connection ends with the answer.
    var isLast: Bool
    /// Whether the client waits for a word before it sends the body (RFC 9110, section 10.1.1).
    var expectsContinue = false
}

extension RequestPlan {
    /// Whether the answer depends on the body.
    var wantsBody: Bool {
        switch action {
        case .orders(.create), .orders(.update): true
        case .orders(.get), .orders(.list), .orders(.refuse), .tell, .show: false
        }
    }

    /// Whether the client would take the connection for closed unless told otherwise, as HTTP/1.0 has it.
    var keepsAliveByRequest: Bool {
        metadata.head.map { $0.version.minor == 0 && $0.isKeepAlive } ?? false
    }

    /// Whether the answer is due without the rest of the request.
    var isAnsweredEarly: Bool {
        if case .orders(.refuse) = action { isLast } else { false }
    }

    /// Stands for bytes that are no request.
    static func malformed(_ detail: String, from caller: Caller) -> RequestPlan {
        RequestPlan(
            action: .orders(.refuse(Problem(.badRequest, detail))), id: .random(), method: .other, template: nil,
            metadata: HTTPMetadata(head: nil, target: nil, from: caller), isLast: true)
    }

    /// Refuses a request that there is no room for, and ends the connection. Whoever asks whether the process lives is
    /// told so: being busy is no reason to be started anew.
    mutating func turnAway(_ problem: Problem) {
        if case .tell(.liveness) = action { isLast = true } else { refuse(problem) }
    }

    /// Refuses the request, whatever it asked for, and ends the connection.
    mutating func refuse(_ problem: Problem) {
        action = .orders(.refuse(problem))
        isLast = true
        expectsContinue = false
    }
}
