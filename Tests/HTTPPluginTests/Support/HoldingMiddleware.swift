import OrderKernel

/// A middleware that holds what changes orders until the test lets it go, cancelled or not, and heeds no deadline.
final class HoldingMiddleware: MiddlewarePlugin {
    enum Moment: CaseIterable { case beforeNext, afterNext }

    static let name = "holding"
    static let summary = "Waits for a test."

    /// Open once a request is held.
    let isHolding = Latch()
    /// Opened by the test.
    let gate = Latch()
    /// Open once a held request has come to its end here.
    let done = Latch()
    private let moment: Moment

    init(_ configuration: NoSettings, context: PluginContext) { moment = .beforeNext }
    init(_ moment: Moment) { self.moment = moment }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        guard case .create = request.operation else { return try await next(request) }
        defer { done.open() }
        if moment == .beforeNext { await waitUncancelled() }
        let reply = try await next(request)
        if moment == .afterNext { await waitUncancelled() }
        return reply
    }

    private func waitUncancelled() async {
        isHolding.open()
        await Task { try? await gate.wait() }.value
    }
}
