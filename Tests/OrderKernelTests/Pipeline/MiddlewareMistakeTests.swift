import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

/// Does with a request what a test wants.
private struct Mistaken: MiddlewarePlugin {
    static let name = "mistaken"
    static let summary = "Does what none may do."
    let body: @Sendable (OrderRequest, Next) async throws -> Reply

    init(_ body: @escaping @Sendable (OrderRequest, Next) async throws -> Reply) { self.body = body }
    init(_ configuration: NoSettings, context: PluginContext) { body = { try await $1($0) } }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await body(request, next) }
}

/// Lets everything pass.
private struct Innocent: MiddlewarePlugin {
    static let name = "innocent"
    static let summary = "Does nothing."

    init() {}
    init(_ configuration: NoSettings, context: PluginContext) {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

@Suite("Mistakes of middleware")
struct MiddlewareMistakeTests {
    private let storage = InMemoryStorage()
    private let draft = OrderDraft(customerID: "cust_1", woodType: "oak", quantity: 5)

    /// What becomes of a request, with a draft to create where nothing else is said.
    private func outcome(
        of operation: OrderRequest.Operation? = nil,
        _ body: @escaping @Sendable (OrderRequest, Next) async throws -> Reply
    ) async throws -> ProblemCode? {
        try await OrderService.standalone(storage: storage, middleware: [Mistaken(body)]) { service in
            let route = service.telemetry.route(name: "test", attributes: [], logLevel: .trace)
            let context = RequestContext(id: .random(), route: route, deadline: .now + .seconds(60))
            let request = OrderRequest(operation ?? .create(draft, key: nil), context: context)
            let outcome = await service.respond(to: request)
            return if case .problem(let problem) = outcome { problem.code } else { nil }
        }
    }

    private var stored: Int {
        get async throws { try await storage.orders(OrderQuery(limit: 9), before: .now + .seconds(60)).count }
    }

    @Test("a write that is passed on again is not stored again, and the client is told of a defect")
    func again() async throws {
        let code = try await outcome { request, next in
            _ = try await next(request)
            return try await next(request)
        }
        #expect(code == .outcomeUnknown)
        #expect(try await stored == 1)
    }

    @Test("whoever passes a write on again is to blame, wherever it stands in the chain")
    func blame() async throws {
        let again = Mistaken { request, next in
            _ = try await next(request)
            return try await next(request)
        }
        try await OrderService.standalone(storage: storage, middleware: [Innocent(), again, Innocent()]) { service in
            let route = service.telemetry.route(name: "test", attributes: [], logLevel: .trace)
            let context = RequestContext(id: .random(), route: route, deadline: .now + .seconds(60))
            _ = await service.respond(to: OrderRequest(.create(draft, key: nil), context: context))
            #expect(context.thrower(of: MiddlewareMistake.storedTwice) == "mistaken")
        }
    }

    @Test("a write that is passed on twice at a time is stored once")
    func twice() async throws {
        let code = try await outcome { request, next in
            async let first = next(request)
            async let second = next(request)
            let replies = await [try? first, try? second].compactMap(\.self)
            return try #require(replies.count == 1 ? replies.first : nil)
        }
        #expect(code == nil)
        #expect(try await stored == 1)
    }

    @Test("a write that could not be stored may be passed on again, a read as often as one likes, and one with a key")
    func retry() async throws {
        let code = try await outcome { request, next in
            var request = request
            let operation = request.operation
            request.operation = .create(OrderDraft(customerID: "c", woodType: "stone", quantity: 5), key: nil)
            await #expect(throws: OrderError.self) { try await next(request) }
            request.operation = operation
            return try await next(request)
        }
        #expect(code == nil)
        for operation: OrderRequest.Operation in [.get(1), .create(draft, key: "k")] {
            let code = try await outcome(of: operation) { request, next in
                _ = try await next(request)
                return try await next(request)
            }
            #expect(code == nil)
        }
        #expect(try await stored == 2)
    }

    @Test("what is passed on after the request was answered is not stored")
    func late() async throws {
        let kept = Mutex<(OrderRequest, Next)?>(nil)
        let code = try await outcome { request, next in
            kept.withLock { $0 = (request, next) }
            throw Problem(.forbidden, "No.")
        }
        #expect(code == .forbidden)
        let (request, next) = try #require(kept.withLock { $0 })
        await #expect(throws: OrderError.deadlineExceeded) { try await next(request) }
        #expect(try await stored == 0)
    }

    @Test("a reply that is none to the request is a defect, also to one that could not be read")
    func otherReply() async throws {
        let page = Reply.page(OrderPage(orders: [], next: nil))
        #expect(try await outcome { _, _ in page } == .internal)
        let unread = OrderRequest.Operation.undecodable(Problem(.badRequest, "No."), changesOrders: true)
        #expect(try await outcome(of: unread) { _, _ in page } == .internal)
        let mended = try await outcome(of: unread) { [draft] request, next in
            var request = request
            request.operation = .create(draft, key: nil)
            return try await next(request)
        }
        #expect(mended == nil)
        #expect(try await outcome(of: .list(OrderQuery(limit: 1))) { _, _ in page } == nil)
    }

    @Test("a middleware's own cancellation is a defect, and no stop of the service")
    func ownCancellation() async throws {
        #expect(try await outcome { _, _ in throw CancellationError() } == .internal)
    }
}
