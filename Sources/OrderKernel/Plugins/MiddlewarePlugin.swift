/// Stands between the observing rings and the order endpoints: may refuse, change, delay or answer a request.
public protocol MiddlewarePlugin: Plugin {
    /// Background work; a middleware without any writes no `run()`.
    func run() async throws

    /// Answers a request, most often with what `next` answers.
    /// - Throws: ``OrderError``, a ``Problem``, or what `next` throws; anything else becomes `internal`.
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply
}

extension MiddlewarePlugin {
    public static var kind: PluginKind { .middleware(Self.self) }
    public func run() async throws {}
}
