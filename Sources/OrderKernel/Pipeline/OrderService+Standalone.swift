extension OrderService {
    /// Lends a service that runs outside of an application, as in a test: the whole pipeline in front of a storage.
    ///
    /// Writes are committed while the body runs, and those still waiting when it is done are committed then.
    /// - Parameters:
    ///   - storage: At work already, where it has anything to open.
    ///   - middleware: Outermost first.
    /// - Throws: What the body throws.
    public static func standalone<Value>(
        storage: any StoragePlugin, middleware: [any MiddlewarePlugin] = [], rules: OrderRules = .standard,
        time: any TimeSource = SystemTime(), _ body: (OrderService) async throws -> Value
    ) async throws -> Value {
        let queue = CommitQueue(rules: rules, time: time)
        let telemetry = Telemetry(time: time)
        let service = OrderService(
            rules: rules, readiness: Readiness(time: time), telemetry: telemetry,
            middleware: middleware.map { ChainedMiddleware(name: type(of: $0).name, plugin: $0) },
            endpoints: OrderEndpoints(storage: storage, queue: queue, telemetry: telemetry),
            documents: storage.documents + middleware.flatMap(\.documents))
        async let committing: Void = queue.run(storage: storage)
        let result: Result<Value, any Error>
        do { result = .success(try await body(service)) } catch { result = .failure(error) }
        queue.close()
        await committing
        return try result.get()
    }
}
