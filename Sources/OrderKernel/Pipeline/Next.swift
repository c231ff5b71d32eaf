/// What stands behind a middleware: the next one, and in the end the order endpoints.
public struct Next: Sendable {
    private let chain: [any MiddlewarePlugin]
    private let position: Int
    private let endpoints: OrderEndpoints

    init(chain: [any MiddlewarePlugin], endpoints: OrderEndpoints, position: Int = 0) {
        self.chain = chain
        self.endpoints = endpoints
        self.position = position
    }

    /// Has the rest of the chain answer the request.
    public func callAsFunction(_ request: OrderRequest) async throws -> Reply {
        if position == chain.count { return try await endpoints.answer(request) }
        return try await handle(request)
    }

    private func handle(_ request: OrderRequest) async throws -> Reply {
        let rest = Next(chain: chain, endpoints: endpoints, position: position + 1)
        return try await chain[position].handle(request, next: rest)
    }
}
