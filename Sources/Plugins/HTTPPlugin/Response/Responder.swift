internal import NIOCore
internal import OrderKernel

/// What is answered to a request, before it is bytes.
enum Answer: Sendable {
    case outcome(Outcome)
    case document(HealthDocument)
}

/// Has the service answer requests.
struct Responder: Sendable {
    private let service: OrderService
    private let routes: Routes
    private let load: Load

    init(service: OrderService, load: Load) {
        self.service = service
        self.routes = Routes(telemetry: service.telemetry)
        self.load = load
    }

    /// Answers a request. What concerns orders, refusals too, passes the service's pipeline.
    func answer(_ request: Request) async -> Answer {
        let plan = request.plan
        if case .tell(let kind) = plan.action { return .document(HealthDocument(kind, service.readiness)) }
        let context = RequestContext(
            id: plan.id, route: routes.route(plan.method, plan.template), deadline: request.deadline,
            metadata: plan.metadata)
        guard load.enter() else {
            let problem = Problem(.overloaded, "Too many requests are being worked on; nothing was done.")
            return .outcome(await service.respond(to: OrderRequest(.undecodable(problem), context: context)))
        }
        defer { load.leave() }
        return .outcome(await service.respond(to: OrderRequest(operation(for: request), context: context)))
    }

    private func operation(for request: Request) -> OrderRequest.Operation {
        do throws(Problem) {
            switch request.plan.action {
            case .create(let key):
                return .create(try decode(request.body, OrderDraft.decode), key: key)
            case .update(let id, let ifRevision):
                var change = try decode(request.body, OrderChange.decode)
                if let ifRevision { change.ifRevision = ifRevision }
                return .update(id, change)
            case .get(let id, _): return .get(id)
            case .list(let query, _): return .list(query)
            case .refuse(let problem): return .undecodable(problem)
            case .tell: return .undecodable(Problem(.unknownPath, "There is nothing at this path."))
            }
        } catch {
            return .undecodable(error)
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
