import OrderKernel
import Synchronization

/// A middleware that keeps the circumstances of all that passes it.
final class PassedRequests: MiddlewarePlugin {
    static let name = "passed"
    static let summary = "Keeps what passes it."

    private let passed = Mutex<[RequestContext]>([])  // protects what has passed

    init(_ configuration: NoSettings, context: PluginContext) {}
    init() {}

    var contexts: [RequestContext] { passed.withLock { $0 } }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        passed.withLock { $0.append(request.context) }
        return try await next(request)
    }
}
