internal import NIOCore
internal import OrderKernel

/// What is answered to a request, before it is bytes.
struct Answer: Sendable {
    enum Content: Sendable {
        case outcome(Outcome)
        case health(HealthDocument)
        case document(DocumentContent)
    }

    let content: Content
    /// What the request is measured by; `nil` for what is not.
    var route: RequestRoute?
    /// Value of the field `Server-Timing`, where the profile asks for it.
    var timing: String?

    /// The status of what is measured.
    var status: Int? {
        if case .outcome(let outcome) = content { outcome.status } else { nil }
    }
}

/// Has the service answer requests.
///
/// One object, of which a request counts one use instead of six.
final class Responder: Sendable {
    private let service: OrderService
    private let routes: Routes
    private let load: Load
    private let deadline: Duration
    private let tellsTrace: Bool

    /// - Parameters:
    ///   - deadline: Time in which a request is answered.
    ///   - tellsTrace: Whether answers name the span of their request, where it has one.
    init(service: OrderService, load: Load, deadline: Duration, tellsTrace: Bool) {
        self.tellsTrace = tellsTrace
        self.deadline = deadline
        self.service = service
        self.routes = Routes(telemetry: service.telemetry)
        self.load = load
    }

    /// Answers a request. What concerns orders, refusals too, passes the service's pipeline.
    /// - Parameter holding: Is told of a request that middleware may hold for longer than its client waits.
    func answer(_ request: Request, holding: (HeldRequest) -> Void) async -> Answer {
        let plan = request.plan
        let action: RequestPlan.OrderAction
        switch plan.action {
        case .tell(let kind): return Answer(content: .health(HealthDocument(kind, service.readiness)))
        case .show(let document): return await show(document, to: plan)
        case .orders(let asked): action = asked
        }
        let context = context(of: request)
        if service.hasMiddleware { holding(HeldRequest(plan: plan, context: context)) }
        guard load.enter() else {
            let problem = Problem(.overloaded, "Too many requests are being worked on; nothing was done.")
            let refused = OrderRequest(.undecodable(problem, changesOrders: plan.changesOrders), context: context)
            return answer(await service.respond(to: refused, since: request.start), context)
        }
        defer { load.leave() }
        let wanted = OrderRequest(operation(action, of: plan, request.body), context: context)
        return answer(await service.respond(to: wanted, since: request.start).explained(to: action), context)
    }

    /// Has a request counted whose body did not come to its end.
    func note(abandoned request: Request) {
        let (plan, problem) = (request.plan, Problem(.badRequest, "The body did not come to its end."))
        let refused = OrderRequest(
            .undecodable(problem, changesOrders: plan.changesOrders), context: context(of: request))
        service.refuse(refused, with: problem, since: request.start)
    }

    /// Has the log say that a request was answered in place of the middleware that holds it.
    func note(overdue request: HeldRequest) { service.tellHeld(request.context) }

    private func context(of request: Request) -> RequestContext {
        let plan = request.plan
        let route = routes.route(plan.method, plan.template, plan.metadata.head)
        return RequestContext(
            id: plan.id, route: route, deadline: request.completion + deadline, metadata: plan.metadata)
    }

    private func answer(_ outcome: Outcome, _ context: RequestContext) -> Answer {
        // The caller knows its own span.
        let tells = tellsTrace && context.hasSpan
        let timing = tells ? context.trace.map { "trace;desc=\"\($0.traceparent)\"" } : nil
        return Answer(content: .outcome(outcome), route: context.route, timing: timing)
    }

    /// Has a document made where that holds up nobody else's requests: it may be large, and take long.
    @inline(never)  // keeps the frames of waiting requests small
    private func show(_ document: any ServiceDocument, to plan: RequestPlan) async -> Answer {
        func values(_ field: String) -> [String] { plan.metadata.values(for: field) }
        let request = DocumentRequest(accept: values("accept"), acceptEncoding: values("accept-encoding"))
        let content = await withTaskExecutorPreference(globalConcurrentExecutor) {
            await document.content(for: request)
        }
        return Answer(content: .document(content))
    }

    private func operation(
        _ action: RequestPlan.OrderAction, of plan: RequestPlan, _ body: ByteBuffer?
    ) -> OrderRequest.Operation {
        do throws(Problem) {
            switch action {
            case .create(let key):
                return .create(try decode(body, OrderDraft.decode), key: key)
            case .update(let id, let ifRevision):
                var change = try decode(body, OrderChange.decode)
                if let ifRevision { change.ifRevision = ifRevision }
                return .update(id, change)
            case .get(let id, let known): return .get(id, unless: known)
            case .list(let query, _): return .list(query)
            case .refuse(let problem): return .undecodable(problem, changesOrders: plan.changesOrders)
            }
        } catch {
            return .undecodable(error, changesOrders: plan.changesOrders)
        }
    }

    private func decode<Value>(
        _ body: ByteBuffer?, _ read: (UnsafeRawBufferPointer, OrderRules) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        let result = (body ?? ByteBuffer()).withUnsafeReadableBytes { bytes in
            Result { () throws(Problem) in try read(bytes, service.rules) }
        }
        return try result.get()
    }
}

extension Outcome {
    /// Says of a conflict why no revision at all would do, where the tags of `If-Match` are those of none.
    @inline(never)  // keeps the frames of waiting requests small
    fileprivate func explained(to action: RequestPlan.OrderAction) -> Outcome {
        guard case .update(_, ifRevision: let revisions?) = action, revisions.isEmpty,
            case .problem(var problem) = self, problem.code == .revisionConflict
        else { return self }
        problem.detail += " If-Match names no revision; a weak tag never does."
        return .problem(problem)
    }
}
