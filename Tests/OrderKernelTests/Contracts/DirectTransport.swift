import Glibc
import Logging
import OrderKernel
import OrderKernelTesting
import ServiceLifecycle

/// A transport without a wire: the bare pipeline, with the decoders and encoders that all transports use.
///
/// May have one fault, which the contract of transports has to find.
final class DirectTransport: TransportPlugin {
    enum Fault: CaseIterable {
        /// Ends at once, without having said ready.
        case neverReady
        /// What is in flight when it is told to stop is not answered.
        case dropsWhatIsInFlight
        /// What is in flight when it is cancelled is not answered, and it says that everything was.
        case hidesCancellation
        /// Idempotency keys do not reach the service.
        case losesKeys
        /// A descriptor stays open with every run.
        case leaksADescriptor
        /// Says that everything was done, though requests were refused.
        case hidesRefusals
        /// Takes an internal error for a refusal.
        case hidesDefects
        /// Does not say where the next page begins.
        case losesNext
        /// Answers with an empty list what went wrong inside the service.
        case hidesTrouble
        /// Takes each request for another client's.
        case inventsPrincipals
    }

    static let name = "direct"
    static let summary = "Answers what tests ask."

    private struct Call: Sendable {
        let request: EndpointCase.Request
        let answer: CheckedContinuation<EndpointAnswer, any Error>
    }

    private let fault: Fault?
    private let context: PluginContext
    private let calls = AsyncStream.makeStream(of: Call.self)

    init(_ fault: Fault? = nil, context: PluginContext) {
        self.fault = fault
        self.context = context
    }

    convenience init(_ configuration: NoSettings, context: PluginContext) {
        self.init(context: context)
    }

    func send(_ request: EndpointCase.Request) async throws -> EndpointAnswer {
        try await withCheckedThrowingContinuation { answer in
            let result = calls.continuation.yield(Call(request: request, answer: answer))
            if case .terminated = result { answer.resume(throwing: CancellationError()) }
        }
    }

    /// Ends the input.
    func end() { calls.continuation.finish() }

    func run(serving service: OrderService) async throws -> TransportEnd {
        if fault == .leaksADescriptor { _ = open("/dev/null", O_RDONLY | O_CLOEXEC) }
        if fault == .neverReady { return .complete }
        let route = service.telemetry.route(name: "direct", attributes: [], logLevel: .debug)
        var results = TransportEnd.complete
        context.ready()
        for await call in calls.stream.cancelOnGracefulShutdown() {
            let operation = call.request.operation(service.rules, takesKeys: fault != .losesKeys)
            let context = RequestContext(
                id: .random(), route: route, deadline: .now + .seconds(60),
                principal: fault == .inventsPrincipals ? "\(RequestID.random())" : "")
            let outcome = await service.respond(to: OrderRequest(operation, context: context))
            results = max(results, TransportEnd(of: outcome))
            let isDropped =
                fault == .dropsWhatIsInFlight && Task.isShuttingDownGracefully
                || fault == .hidesCancellation && Task.isCancelled
            if isDropped {
                call.answer.resume(throwing: CancellationError())
            } else {
                call.answer.resume(returning: answer(outcome, context.id))
            }
        }
        let hasInputEnded = !Task.isShuttingDownGracefully && !Task.isCancelled
        if hasInputEnded {
            if fault == .hidesDefects { return min(results, .someRefused) }
            return fault == .hidesRefusals ? .complete : results
        }
        return Task.isCancelled && fault != .hidesCancellation ? .stoppedEarly : .complete
    }

    private func answer(_ outcome: Outcome, _ id: RequestID) -> EndpointAnswer {
        let answer = EndpointAnswer(outcome, id)
        if fault == .hidesTrouble, answer.status >= 500 { return EndpointAnswer(status: 200, body: "[]") }
        return fault == .losesNext ? EndpointAnswer(status: answer.status, body: answer.body) : answer
    }
}

extension EndpointCase.Request {
    func operation(_ rules: OrderRules, takesKeys: Bool) -> OrderRequest.Operation {
        do {
            switch self {
            case .create(let order, let key):
                let draft = try Array(order.utf8).withUnsafeBytes { try OrderDraft.decode($0, rules: rules) }
                return .create(draft, key: takesKeys ? key : nil)
            case .get(let id):
                return .get(Order.ID(id) ?? 0)
            case .list(let parameters):
                return .list(try OrderQuery.decode(parameters: parameters.map { ($0, $1) }, rules: rules))
            case .update(let id, let json, let revision):
                var change = try Array(json.utf8).withUnsafeBytes { try OrderChange.decode($0, rules: rules) }
                change.ifRevision = revision.map { [$0] }
                return .update(Order.ID(id) ?? 0, change)
            }
        } catch {
            return .undecodable(error as? Problem ?? Problem(.internal, "\(error)"))
        }
    }
}

extension EndpointAnswer {
    init(_ outcome: Outcome, _ id: RequestID) {
        let body: String =
            switch outcome {
            case .reply(.page(let page)): Self.text(page.orders)
            case .reply(.created(let order)), .reply(.replayed(let order)), .reply(.found(let order)),
                .reply(.updated(let order)), .reply(.unchanged(let order)):
                Self.text(order)
            case .reply: ""
            case .problem(let problem): Self.text(ProblemDocument(problem, requestID: id))
            }
        let next: String? = if case .reply(.page(let page)) = outcome { page.next } else { nil }
        self.init(status: outcome.status, body: body, next: next)
    }

    private static func text(_ value: some JSONRepresentable) -> String {
        withUnsafeTemporaryAllocation(byteCount: value.jsonCapacity, alignment: 1) { buffer in
            var json = JSONWriter(buffer)
            value.write(to: &json)
            return String(decoding: buffer[..<json.count], as: UTF8.self)
        }
    }
}
