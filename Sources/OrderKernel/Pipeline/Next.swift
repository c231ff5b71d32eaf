/// What stands behind a middleware: the next one, and in the end the order endpoints.
public struct Next: Sendable {
    private let chain: [ChainedMiddleware]
    private let position: Int
    let endpoints: OrderEndpoints
    /// The request's circumstances as its transport gave them; `nil` before the first middleware.
    private var origin: RequestContext?
    /// That of the middleware before, which ends when it goes on.
    private var wait: MiddlewareWait?

    init(chain: [ChainedMiddleware], endpoints: OrderEndpoints, position: Int = 0) {
        self.chain = chain
        self.endpoints = endpoints
        self.position = position
    }

    /// Whether there is no middleware at all.
    var isEmpty: Bool { chain.isEmpty }

    /// The middleware that holds a request; `nil` where none does.
    func holder(of context: RequestContext) -> String? {
        chain.indices.contains(context.holder) ? chain[context.holder].name : nil
    }

    /// Has the rest of the chain answer the request, which keeps its id, route, trace and turn, whatever context a
    /// middleware has made for it.
    public func callAsFunction(_ request: OrderRequest) async throws -> Reply {
        wait?.end()
        if let origin, !request.context.hasPlace(of: origin) { return try await goOn(request, for: origin) }
        if let origin, request.isStoredEachTime { return try await passOn(request, for: origin) }
        return try await go(request)
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func go(_ request: OrderRequest) async throws -> Reply {
        position == chain.count ? try await answer(request) : try await handle(request)
    }

    /// Goes on with a write that a middleware may pass on again only where nothing was stored.
    @inline(never)  // keeps the frames of waiting requests small
    private func passOn(_ request: OrderRequest, for origin: RequestContext) async throws -> Reply {
        try origin.beginWrite(at: position)
        do {
            let reply = try await go(request)
            if !reply.isStored { origin.endWrite(at: position) }
            return reply
        } catch {
            if !origin.hasEffect { origin.endWrite(at: position) }
            throw error
        }
    }

    /// Notes what the request has done, whatever the middleware make of it.
    @inline(never)  // keeps the frames of waiting requests small
    private func answer(_ request: OrderRequest) async throws -> Reply {
        try origin?.enterEndpoint()
        defer { origin?.enterMiddleware() }
        do {
            let reply = try await endpoints.answer(request)
            if reply.isStored { origin?.noteEffect() }
            return reply
        } catch {
            if (error as? StorageError)?.kind == .outcomeUnknown { origin?.noteEffect() }
            if error is CancellationError { origin?.noteStop() }
            throw error
        }
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func goOn(_ request: OrderRequest, for origin: RequestContext) async throws -> Reply {
        try await self(OrderRequest(request.operation, context: request.context.inPlace(of: origin)))
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func handle(_ request: OrderRequest) async throws -> Reply {
        var rest = Next(chain: chain, endpoints: endpoints, position: position + 1)
        let origin = origin ?? request.context
        rest.origin = origin
        if self.origin == nil { origin.enterMiddleware() }
        origin.holder = position
        defer { origin.holder = position - 1 }
        do {
            let isTraced = request.context.trace?.isSampled == true && request.context.hasSpan
            let reply =
                isTraced
                ? try await trace(request, rest) : try await chain[position].plugin.handle(request, next: rest)
            guard reply.answers(request) else { throw MiddlewareMistake.otherReply }
            return reply
        } catch {
            let isStray = error is CancellationError && !Task.isCancelled && !origin.isStopped
            let error: any Error = isStray ? MiddlewareMistake.cancelledItself : error
            origin.note(error, of: chain[position].name)
            throw error
        }
    }

    /// Has the middleware handle a request whose span is recorded. What it waits before the rest of the chain becomes
    /// a span of its own, and so does its whole work where the rest is not reached.
    private func trace(_ request: OrderRequest, _ rest: Next) async throws -> Reply {
        let wait = MiddlewareWait(chain[position].name, request.context)
        var rest = rest
        rest.wait = wait
        defer { wait.end() }
        return try await chain[position].plugin.handle(request, next: rest)
    }
}

/// A middleware of a profile's list.
struct ChainedMiddleware: Sendable {
    /// Of the instance, such as `gate/two`.
    let name: String
    let plugin: any MiddlewarePlugin
}
