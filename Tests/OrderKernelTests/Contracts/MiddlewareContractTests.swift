import OrderKernel
import OrderKernelTesting
import Synchronization
import Testing

@Suite("Middleware contract", .timeLimit(.minutes(5)))
struct MiddlewareContractTests {
    @Test("a middleware that refuses lists and passes the rest keeps it", arguments: MiddlewareContract.rules)
    func refusing(rule: MiddlewareContract.Rule) async {
        await MiddlewareContract { SampleMiddleware(nil, context: $0) }.check(rule)
    }

    @Test("a middleware that wants a key, and changes what is read, keeps it", arguments: MiddlewareContract.rules)
    func changing(rule: MiddlewareContract.Rule) async {
        await MiddlewareContract(principal: "p", metadata: KeyMetadata()) { _ in ChangingMiddleware() }.check(rule)
    }

    @Test("a middleware with a fault breaks it", arguments: SampleMiddleware.Fault.allCases)
    func faulty(fault: SampleMiddleware.Fault) async {
        let violations = await MiddlewareContract { SampleMiddleware(fault, context: $0) }.violations()
        #expect(!violations.isEmpty)
    }
}

/// Lets through who has a key, answers lists itself, and hides customers.
private struct ChangingMiddleware: MiddlewarePlugin {
    static let name = "changing"
    static let summary = "Changes answers."

    init() {}
    init(_ configuration: NoSettings, context: PluginContext) {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        guard request.context.principal == "p", request.context.metadata?.values(for: "Key") == ["k"] else {
            throw Problem(.unauthorized, "Who are you?")
        }
        if case .list = request.operation { return .page(OrderPage(orders: [], next: nil)) }
        let reply = try await next(request)
        guard case .found(var order) = reply else { return reply }
        order = Order(
            id: order.id, draft: OrderDraft(customerID: nil, woodType: order.woodType, quantity: order.quantity),
            status: order.status, createdAt: order.createdAt, updatedAt: order.updatedAt, revision: order.revision)
        return .found(order)
    }
}

private struct KeyMetadata: RequestMetadata {
    func values(for name: String) -> [String] { name.lowercased() == "key" ? ["k"] : [] }
}

/// Refuses lists and passes everything else; may have one fault, which the contract has to find.
final class SampleMiddleware: MiddlewarePlugin {
    enum Fault: CaseIterable {
        /// Every request is passed on twice.
        case doesItTwice
        /// Requests that come together are given each other's answers.
        case mixesAnswersUp
        /// Refuses with an error that nobody knows.
        case throwsItsOwn
        /// Input that could not be read is answered as if all was well.
        case hidesBadInput
        /// Writes are answered with an order that nobody has stored.
        case inventsOrders
        /// Nothing gets through.
        case refusesAll
        /// Says that nothing was done, when it was.
        case refusesWhatIsDone
        /// Does again what storage does not know of.
        case repeatsTheUnknown
        /// Says that nothing was done, when nobody knows.
        case hidesTheUnknown
    }

    static let name = "sample"
    static let summary = "Refuses lists."

    private struct OwnError: Error {}

    private let fault: Fault?
    private let last = Mutex<Reply?>(nil)  // protects the reply that came before

    init(_ fault: Fault?, context: PluginContext) {
        self.fault = fault
    }

    convenience init(_ configuration: NoSettings, context: PluginContext) {
        self.init(nil, context: context)
    }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        switch (fault, request.operation) {
        case (.throwsItsOwn, .list): throw OwnError()
        case (.refusesAll, _): throw OrderError.overloaded
        case (.inventsOrders, .create(let draft, _)):
            let time = Timestamp(milliseconds: 0)
            return .created(
                Order(id: 7, draft: draft, status: draft.status, createdAt: time, updatedAt: time, revision: 1))
        case (.hidesBadInput, .undecodable): return .page(OrderPage(orders: [], next: nil))
        case (_, .list): throw OrderError.overloaded
        default: break
        }
        if fault == .doesItTwice { _ = try await next(request) }
        let reply: Reply
        do {
            reply = try await next(request)
        } catch let error as StorageError where error.kind == .outcomeUnknown {
            if fault == .hidesTheUnknown { throw OrderError.overloaded }
            guard fault == .repeatsTheUnknown else { throw error }
            reply = try await next(request)
        }
        if fault == .refusesWhatIsDone { throw OrderError.overloaded }
        guard fault == .mixesAnswersUp else { return reply }
        return last.withLock { last in
            defer { last = reply }
            return last ?? reply
        }
    }
}
