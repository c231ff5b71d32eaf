/// The order endpoints: each operation, once, for every transport.
struct OrderEndpoints: Sendable {
    let storage: any StoragePlugin
    let queue: CommitQueue
    private let meter: StorageMeter

    init(storage: any StoragePlugin, queue: CommitQueue, telemetry: Telemetry) {
        self.storage = storage
        self.queue = queue
        meter = StorageMeter(storage.database, telemetry)
    }

    func answer(_ request: OrderRequest) async throws -> Reply {
        if let write = try request.write(by: queue.rules) { return try await commit(write, request.context) }
        return try await read(request)
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func read(_ request: OrderRequest) async throws -> Reply {
        switch request.operation {
        case .get(let id, let known):
            let order = try await order(id, request.context)
            return known?.contains(order.revision) ?? false ? .notModified(order) : .found(order)
        case .list(let query):
            do throws(Problem) { try query.check(queue.rules) } catch { throw OrderError.refused(error) }
            return .page(try await page(query, request.context))
        case .undecodable(let problem, _): throw OrderError.refused(problem)
        case .create, .update: preconditionFailure("a write is committed")
        }
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func commit(_ write: Write, _ context: RequestContext) async throws -> Reply {
        try await context.turn?.begin()
        return try Reply(await queue.commit(write, for: context))
    }

    private func order(_ id: Order.ID, _ context: RequestContext) async throws -> Order {
        let order = try await measured(.order, context) { (deadline) async throws(StorageError) in
            try await storage.order(id, before: deadline)
        }
        guard let order else { throw OrderError.unknownOrder(id) }
        return order
    }

    /// Asks for one order more than the page holds, to know whether there is a next page.
    private func page(_ query: OrderQuery, _ context: RequestContext) async throws -> OrderPage {
        var more = query
        more.limit += 1
        var orders = try await measured(.orders, context) { [more] (deadline) async throws(StorageError) in
            try await storage.orders(more, before: deadline)
        }
        guard orders.count > query.limit else { return OrderPage(orders: orders, next: nil) }
        orders.removeLast(orders.count - query.limit)
        return OrderPage(orders: orders, next: orders.last.map { query.cursor(after: $0.id) })
    }

    /// Reads when it is the request's turn, and measures the call.
    /// - Parameter read: Is given the moment at which the answer comes too late.
    @inline(never)  // keeps the frames of waiting requests small
    private func measured<Value: Sendable>(
        _ operation: StorageMeter.Operation, _ context: RequestContext,
        _ read: (Instant) async throws(StorageError) -> Value
    ) async throws -> Value {
        try await context.turn?.beginRead()
        let start = meter.begin()
        do throws(StorageError) {
            let deadline = context.deadline(from: queue.time.now)
            let isNamed = RequestContext.current != nil
            let value = isNamed ? try await read(deadline) : try await readByName(context, deadline, read)
            meter.end(start, operation, for: context)
            return value
        } catch {
            meter.end(start, operation, for: context, error)
            throw error
        }
    }

    /// Reads; what storage logs, or begins as a span, meanwhile, is the request's.
    @inline(never)  // keeps the frames of waiting requests small
    private func readByName<Value: Sendable>(
        _ context: RequestContext, _ deadline: Instant, _ read: (Instant) async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await RequestContext.$current.withValue(context) {
            do throws(StorageError) { return .success(try await read(deadline)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

extension OrderRequest {
    /// What the request asks storage to store; `nil` for one that only reads.
    /// - Throws: ``OrderError`` for an order that breaks the rules.
    @inline(never)  // keeps the frames of waiting requests small
    fileprivate func write(by rules: OrderRules) throws -> Write? {
        switch operation {
        case .create(let draft, let key):
            do throws(Problem) { try draft.check(rules) } catch { throw OrderError.refused(error) }
            if let key, !IdempotencyKey.allows(key) {
                throw OrderError.refused(Problem(.badRequest, "The idempotency key \(IdempotencyKey.rule)."))
            }
            return .create(draft, key: key.map { IdempotencyKey(principal: context.principal, text: $0) })
        case .update(let id, let change): return .update(id, change)
        case .get, .list, .undecodable: return nil
        }
    }
}

extension Reply {
    /// - Throws: ``OrderError`` for a write that was refused.
    @inline(never)  // keeps the frames of waiting requests small
    fileprivate init(_ outcome: WriteOutcome) throws {
        switch outcome {
        case .created(let order): self = .created(order)
        case .replayed(let order): self = .replayed(order)
        case .updated(let order): self = .updated(order)
        case .unchanged(let order): self = .unchanged(order)
        case .refused(let error): throw error
        case .postponed: preconditionFailure("a postponed write goes back into the queue")
        }
    }
}
