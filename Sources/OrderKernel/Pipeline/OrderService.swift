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
        var request = request
        let observation = telemetry.begin(&request)
        let outcome = observation.hasSpan ? await answer(request, in: observation) : await answer(request)
        telemetry.end(observation, request, outcome)
        return outcome
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func answer(_ request: OrderRequest, in observation: RequestObservation) async -> Outcome {
        let context = observation.serviceContext(for: request)
        return await ServiceContext.$current.withValue(context) { await answer(request) }
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func answer(_ request: OrderRequest) async -> Outcome {
        do {
            return .reply(try await chain(request))
        } catch {
            return ErrorMapping.outcome(of: error)
        }
    }
}
