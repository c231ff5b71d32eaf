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

    @Test("a middleware with a fault breaks it", arguments: SampleMiddleware.Fault.allCases)
    func faulty(fault: SampleMiddleware.Fault) async {
        let violations = await MiddlewareContract { SampleMiddleware(fault, context: $0) }.violations()
        #expect(!violations.isEmpty)
    }
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
    }

    static let name = "sample"
    static let summary = "Refuses lists."

    private struct OwnError: Error {}

    private let fault: Fault?
    private let last = Mutex<Reply?>(nil)  // protects the reply that came before

    init(_ fault: Fault?, context: PluginContext) {
        self.fault = fault
    }

    convenience init(_ configuration: InMemoryStorage.Configuration, context: PluginContext) {
        self.init(nil, context: context)
    }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        switch (fault, request.operation) {
        case (.throwsItsOwn, .list): throw OwnError()
        case (.hidesBadInput, .undecodable): return .page(OrderPage(orders: [], next: nil))
        case (_, .list): throw OrderError.overloaded
        default: break
        }
        if fault == .doesItTwice { _ = try await next(request) }
        let reply = try await next(request)
        guard fault == .mixesAnswersUp else { return reply }
        return last.withLock { last in
            defer { last = reply }
            return last ?? reply
        }
    }
}
