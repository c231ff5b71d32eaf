internal import Logging

/// The service as a transport sees it: it answers requests, and says how it is.
public struct OrderService: Sendable {
    /// What the profile says of orders, for reading input.
    public let rules: OrderRules
    /// Which plugins are ready.
    public let readiness: Readiness
    /// Makes the routes of a transport known to telemetry.
    public let telemetry: Telemetry
    /// What plugins have to show, for transports that can serve documents.
    public let documents: [any ServiceDocument]
    private let orders: OrderMeter
    private let logger: Logger?
    private let chain: Next

    init(
        rules: OrderRules, readiness: Readiness, telemetry: Telemetry, middleware: [ChainedMiddleware],
        endpoints: OrderEndpoints, logger: Logger? = nil, documents: [any ServiceDocument] = []
    ) {
        self.rules = rules
        self.readiness = readiness
        self.telemetry = telemetry
        self.documents = documents
        self.logger = logger
        self.orders = OrderMeter(rules, telemetry)
        self.chain = Next(chain: middleware, endpoints: endpoints)
    }

    /// Answers one request: observed from outside, then through the profile's middleware to the endpoint.
    /// - Parameter start: When the request had come, which is what its duration counts from; `nil` for now.
    public func respond(to request: OrderRequest, since start: Instant? = nil) async -> Outcome {
        let observation = telemetry.begin(request.context, since: start)
        let outcome = chain.isEmpty ? await answer(request) : await answerByName(request)
        telemetry.end(observation, request, outcome)
        orders.count(request.operation, outcome)
        return outcome
    }

    /// Has a request counted, logged and seen that nobody waits for any more. No middleware sees it.
    public func refuse(_ request: OrderRequest, with problem: Problem, since start: Instant) {
        let observation = telemetry.begin(request.context, since: start)
        telemetry.end(observation, request, .problem(problem))
        orders.count(request.operation, .problem(problem))
    }

    /// Whether middleware may hold requests, for longer than their transport waits.
    public var hasMiddleware: Bool { !chain.isEmpty }

    /// Has the log say that a request was answered in place of the middleware that holds it.
    public func tellHeld(_ context: RequestContext) {
        let metadata = chain.holder(of: context).map { ["middleware": "\($0)"] as Logger.Metadata }
        RequestContext.$current.withValue(context) {
            logger?.warning("a middleware holds a request beyond its deadline", metadata: metadata)
        }
    }

    /// What middleware logs, or begins as a span, is the request's.
    @inline(never)  // keeps the frames of waiting requests small
    private func answerByName(_ request: OrderRequest) async -> Outcome {
        let outcome = await RequestContext.$current.withValue(request.context) { await answer(request) }
        return request.context.surrender.map { .problem($0) } ?? outcome  // what the client was told
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func answer(_ request: OrderRequest) async -> Outcome {
        do {
            // Without middleware, not even a frame of the chain is kept for each request that waits.
            if chain.isEmpty { return .reply(try await chain.endpoints.answer(request)) }
            defer { request.context.endPassage() }
            return .reply(try await chain(request))
        } catch {
            return outcome(of: error, request.context)
        }
    }

    /// Where a middleware failed after the rest of the chain had stored the order, or may have, no client may be told
    /// that it was refused.
    @inline(never)  // keeps the frames of waiting requests small
    private func outcome(of error: any Error, _ context: RequestContext) -> Outcome {
        let problem = ErrorMapping.problem(for: error)
        if context.hasEffect, problem.code != .outcomeUnknown {
            tell("a request failed after its order was stored", "\(error)", error, context)
            return .problem(.failedAfterStoring)
        }
        if let reason = ErrorMapping.reason(of: error) { tell("a request failed", reason, error, context) }
        return .problem(problem)
    }

    /// - Parameter reason: What no client is to see.
    private func tell(_ what: Logger.Message, _ reason: String, _ error: any Error, _ context: RequestContext) {
        var metadata: Logger.Metadata = ["reason": "\(reason)"]
        if let middleware = context.thrower(of: error) { metadata["middleware"] = "\(middleware)" }
        RequestContext.$current.withValue(context) { logger?.error(what, metadata: metadata) }
    }
}

extension Problem {
    static let failedAfterStoring = Problem(
        .outcomeUnknown, "The service failed after the order may have been stored.")
}
