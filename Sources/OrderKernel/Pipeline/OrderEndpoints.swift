/// The order endpoints: each operation, once, for every transport.
struct OrderEndpoints: Sendable {
    let storage: any StoragePlugin
    let queue: CommitQueue

    func answer(_ request: OrderRequest) async throws -> Reply {
        let context = request.context
        switch request.operation {
        case .create(let draft, let key):
            let key = key.map { IdempotencyKey(principal: context.principal, text: $0) }
            return try await write(.create(draft, key: key), context)
        case .update(let id, let change):
            return try await write(.update(id, change), context)
        case .get(let id):
            try await context.turn?.beginRead()
            guard let order = try await storage.order(id, before: deadline(of: context)) else {
                throw OrderError.unknownOrder(id)
            }
            return .found(order)
        case .list(let query):
            try await context.turn?.beginRead()
            return .page(try await page(query, before: deadline(of: context)))
        case .undecodable(let problem):
            throw OrderError.refused(problem)
        }
    }

    private func write(_ write: Write, _ context: RequestContext) async throws -> Reply {
        try await context.turn?.begin()
        switch try await queue.commit(write, deadline: deadline(of: context), turn: context.turn) {
        case .created(let order): return .created(order)
        case .replayed(let order): return .replayed(order)
        case .updated(let order): return .updated(order)
        case .unchanged(let order): return .unchanged(order)
        case .refused(let error): throw error
        }
    }

    /// When the answer comes too late: for a request that had to wait for its turn, counted from there.
    private func deadline(of context: RequestContext) -> ContinuousClock.Instant {
        context.turn.map { queue.time.now + $0.input.patience } ?? context.deadline
    }

    /// Asks for one order more than the page holds, to know whether there is a next page.
    private func page(_ query: OrderQuery, before deadline: ContinuousClock.Instant) async throws -> OrderPage {
        var more = query
        more.limit += 1
        var orders = try await storage.orders(more, before: deadline)
        guard orders.count > query.limit else { return OrderPage(orders: orders, next: nil) }
        orders.removeLast(orders.count - query.limit)
        return OrderPage(orders: orders, next: orders.last.map { query.cursor(after: $0.id) })
    }
}
