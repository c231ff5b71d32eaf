import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

/// Makes the context of each request anew, for somebody else.
private struct RebuildingMiddleware: MiddlewarePlugin {
    static let name = "rebuilding"
    static let summary = "Forgets what it does not know."

    init() {}
    init(_ configuration: NoSettings, context: PluginContext) {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        let own = request.context
        let route = own.route.telemetry.route(name: "other", attributes: [], logLevel: .trace)
        var request = request
        request.context = RequestContext(
            id: .random(), route: route, deadline: own.deadline + .seconds(1), principal: "other")
        return try await next(request)
    }
}

/// Keeps what comes through.
private final class SeeingMiddleware: MiddlewarePlugin {
    static let name = "seeing"
    static let summary = "Sees."
    let seen = Mutex<RequestContext?>(nil)  // protects what came last

    init() {}
    init(_ configuration: NoSettings, context: PluginContext) {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        seen.withLock { $0 = request.context }
        return try await next(request)
    }
}

/// Has the rest of the chain answer, and then fails.
private struct LateMiddleware: MiddlewarePlugin {
    static let name = "late"
    static let summary = "Fails too late."
    let error: any Error

    init(_ error: any Error) { self.error = error }
    init(_ configuration: NoSettings, context: PluginContext) { self.error = CancellationError() }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        _ = try await next(request)
        throw error
    }
}

private struct Bug: Error {}

extension Outcome {
    /// Of a problem; `nil` for a reply.
    fileprivate var code: ProblemCode? { if case .problem(let problem) = self { problem.code } else { nil } }
}

@Suite("Next")
struct NextTests {
    @Test(
        "a client is not told that a stored order was refused, whatever a middleware throws afterwards",
        arguments: [CancellationError(), OrderError.overloaded, Problem(.forbidden, "No."), Bug()] as [any Error])
    func late(error: any Error) async throws {
        let storage = InMemoryStorage()
        let late = LateMiddleware(error)
        try await OrderService.standalone(storage: storage, middleware: [RebuildingMiddleware(), late]) { service in
            let route = service.telemetry.route(name: "test", attributes: [], logLevel: .trace)
            func outcome(of operation: OrderRequest.Operation) async -> Outcome {
                let context = RequestContext(id: .random(), route: route, deadline: .now + .seconds(60))
                return await service.respond(to: OrderRequest(operation, context: context))
            }
            let draft = OrderDraft(customerID: "cust_1", woodType: "oak", quantity: 5)
            #expect(await outcome(of: .create(draft, key: nil)).code == .outcomeUnknown)
            let stored = try await storage.order(1, before: .now + .seconds(60))
            #expect(stored != nil)
            // What stores nothing is told as it is.
            let expected = error is CancellationError ? .internal : ErrorMapping.problem(for: error).code
            #expect(await outcome(of: .get(1)).code == expected)
        }
    }

    @Test("a request keeps its id, route, trace and turn, whatever a middleware makes of it", arguments: [true, false])
    func rebuilt(hasSpans: Bool) async throws {
        let seeing = SeeingMiddleware()
        try await OrderService.standalone(
            storage: InMemoryStorage(), middleware: [RebuildingMiddleware(), RebuildingMiddleware(), seeing]
        ) { service in
            let (telemetry, exporter) = (service.telemetry, RecordingExporter())
            if hasSpans { _ = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording")) }
            let caller = TestMetadata(headers: ["traceparent": [TraceContextTests.header]])
            let context = RequestContext(
                id: .random(), route: telemetry.route(name: "test", attributes: [], logLevel: .trace),
                deadline: .now + .seconds(60), metadata: caller, turn: OrderedInput().turn(0))
            #expect(await service.respond(to: OrderRequest(.get(1), context: context)).status == 404)
            let seen = try #require(seeing.seen.withLock { $0 })
            #expect(seen.turn == context.turn && seen.route === context.route)
            #expect(seen.trace == context.trace && seen.hasSpan == hasSpans && seen.parent == context.parent)
            #expect(seen.id == context.id && seen.principal == "other" && seen.metadata == nil)
            #expect(seen.deadline == context.deadline + .seconds(2))
        }
    }

    @Test("a read waits for the writes before it behind a middleware that knows nothing of turns")
    func turns() async throws {
        try await OrderService.standalone(storage: InMemoryStorage(), middleware: [RebuildingMiddleware()]) { service in
            let input = OrderedInput()
            let route = service.telemetry.route(name: "test", attributes: [], logLevel: .trace)
            let statuses = await withTaskGroup(of: Int.self) { tasks in
                for number in (0..<100).reversed() {
                    let id = Order.ID(number / 2 + 1)
                    let operation: OrderRequest.Operation =
                        number.isMultiple(of: 2)
                        ? .create(OrderDraft(customerID: "c", woodType: "oak", quantity: 1), key: nil) : .get(id)
                    let turn = input.turn(number)
                    let context = RequestContext(
                        id: .random(), route: route, deadline: .now + .seconds(60), turn: turn)
                    tasks.addTask {
                        let outcome = await service.respond(to: OrderRequest(operation, context: context))
                        try? await turn.end()
                        return outcome.status
                    }
                }
                return await tasks.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [201: 50, 200: 50])
        }
    }
}
