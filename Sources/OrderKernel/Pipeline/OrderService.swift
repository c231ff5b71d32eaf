internal import Instrumentation

/// The service as a transport sees it: it answers requests, and says how it is.
public struct OrderService: Sendable {
    /// What the profile says of orders, for reading input.
    public let rules: OrderRules
    /// Which plugins are ready.
    public let readiness: Readiness
    /// Makes the routes of a transport known to telemetry.
    public let telemetry: Telemetry
    private let chain: Next

    init(
        rules: OrderRules, readiness: Readiness, telemetry: Telemetry, middleware: [any MiddlewarePlugin],
        endpoints: OrderEndpoints
    ) {
        self.rules = rules
        self.readiness = readiness
        self.telemetry = telemetry
        self.chain = Next(chain: middleware, endpoints: endpoints)
    }

    /// Answers one request: observed from outside, then through the profile's middleware to the endpoint.
    public func respond(to request: OrderRequest) async -> Outcome {
        var observed = request
        let observation = telemetry.begin(&observed)
        let request = observed
        let outcome: Outcome
        if let context = observation.serviceContext(for: request) {
            outcome = await ServiceContext.$current.withValue(context) { await answer(request) }
        } else {
            outcome = await answer(request)
        }
        telemetry.end(observation, request, outcome)
        return outcome
    }

    private func answer(_ request: OrderRequest) async -> Outcome {
        do {
            return .reply(try await chain(request))
        } catch {
            return .problem(ErrorMapping.problem(for: error))
        }
    }
}
