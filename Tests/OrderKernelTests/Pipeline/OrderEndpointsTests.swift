import Logging
import OrderKernelTesting
import Testing

@testable import OrderKernel

/// Throws what a test says.
private struct ThrowingMiddleware: MiddlewarePlugin {
    static let name = "throwing"
    static let summary = "Throws."
    let error: any Error

    init(_ configuration: NoSettings, context: PluginContext) { error = OrderError.overloaded }
    init(_ error: any Error) { self.error = error }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { throw error }
}

@Suite("OrderEndpoints")
struct OrderEndpointsTests {
    func answer(_ operation: OrderRequest.Operation, behind middleware: [any MiddlewarePlugin] = []) async throws
        -> Outcome
    {
        try await OrderService.standalone(storage: InMemoryStorage(), middleware: middleware) { service in
            let route = service.telemetry.route(name: "test", attributes: [], logLevel: .trace)
            let context = RequestContext(id: .random(), route: route, deadline: .now + .seconds(60))
            return await service.respond(to: OrderRequest(operation, context: context))
        }
    }

    /// The problem that decoding finds in what a client says.
    func problem(_ json: String, _ decode: (UnsafeRawBufferPointer) throws(Problem) -> Void) -> Problem? {
        var json = json
        return json.withUTF8 { bytes in
            do throws(Problem) { try decode(UnsafeRawBufferPointer(bytes)) } catch { return error }
            return nil
        }
    }

    @Test(
        "an order that was not decoded is refused as if it had been",
        arguments: [
            (OrderDraft(customerID: "c", woodType: "oak", quantity: -7), #""c","wood_type":"oak","quantity":-7"#),
            (OrderDraft(customerID: "c", woodType: "oak", quantity: .max), #""c","wood_type":"oak","quantity":2e6"#),
            (OrderDraft(customerID: "", woodType: "ash", quantity: 0), #""","wood_type":"ash","quantity":0"#),
            (OrderDraft(customerID: "a\n", woodType: "oak", quantity: 1), #""a\n","wood_type":"oak","quantity":1"#),
            (OrderDraft(customerID: nil, woodType: "oak", quantity: 1), #"null,"wood_type":"oak","quantity":1"#),
        ])
    func draft(draft: OrderDraft, json: String) async throws {
        let decoded = problem(#"{"customer_id":\#(json)}"#) { bytes throws(Problem) in
            _ = try OrderDraft.decode(bytes, rules: .standard)
        }
        let expected = try #require(decoded)
        #expect(try await answer(.create(draft, key: nil)) == .problem(expected))
        #expect(throws: expected) { try draft.check(.standard) }
    }

    @Test(
        "a list that was not decoded is refused as if it had been",
        arguments: [
            (OrderQuery(limit: .max), ["limit": "9999999"]), (OrderQuery(limit: -1), ["limit": "-1"]),
            (OrderQuery(skip: -1), ["skip": "-1"]), (OrderQuery(after: -1), ["after": "x"]),
            (OrderQuery(woodType: "ash"), ["wood_type": "ash"]), (OrderQuery(customerID: ""), ["customer_id": ""]),
        ])
    func query(query: OrderQuery, parameters: [String: String]) async throws {
        do throws(Problem) {
            _ = try OrderQuery.decode(parameters: parameters.map { ($0.key, $0.value) }, rules: .standard)
            Issue.record("the query was decoded")
        } catch {
            #expect(try await answer(.list(query)) == .problem(error))
        }
    }

    @Test(
        "a key that a transport or a middleware has let pass is refused all the same",
        arguments: ["", "a\0", String(repeating: "k", count: 256)])
    func badKey(key: String) async throws {
        let draft = OrderDraft(customerID: "c", woodType: "oak", quantity: 1)
        let outcome = try await answer(.create(draft, key: key))
        guard case .problem(let problem) = outcome else { Issue.record("\(outcome)"); return }
        #expect(
            problem.code == .badRequest && problem.detail.hasPrefix("The idempotency key must be a text of 1 to 255"))
    }

    @Test("the ends of the ranges are taken")
    func ends() async throws {
        let draft = OrderDraft(customerID: String(repeating: "é", count: 128), woodType: "pine", quantity: 1_000_000)
        #expect(try await answer(.create(draft, key: nil)).status == 201)
        #expect(try await answer(.list(OrderQuery(limit: 1_000, after: .max, skip: 100_000))).status == 200)
        #expect(throws: Never.self) { try OrderQuery(limit: 1, direction: .descending).check(.standard) }
    }

    @Test(
        "a problem that a middleware throws is answered as it is",
        arguments: [(ProblemCode.unauthorized, 401), (.forbidden, 403), (.rateLimited, 429)])
    func thrownProblem(code: ProblemCode, status: Int) async throws {
        let problem = Problem(code, "Not now.")
        let outcome = try await answer(.get(1), behind: [ThrowingMiddleware(problem)])
        #expect(outcome == .problem(problem))
        #expect(outcome.status == status)
        #expect(code.isTransient == (status == 429))
    }
}
