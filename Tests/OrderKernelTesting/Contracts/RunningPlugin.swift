internal import Logging
public import OrderKernel
internal import ServiceLifecycle

/// Starts a storage as the service does: runs it until it says ready, lends it, and tells it to stop.
///
/// - Parameter context: The context that the storage was made with, such as
///   ``PluginContext/standalone(_:logger:time:)``.
/// - Throws: What its `run` throws, and what `body` throws.
public func withRunning<Value: Sendable>(
    _ storage: any StoragePlugin, _ context: PluginContext, _ body: () async throws -> Value
) async throws -> Value {
    try await withRunning(PluginService(context: context, body: storage.run), body)
}

/// Starts an exporter as the service does, lends it, and tells it to stop.
/// - Throws: What its `run` throws, and what `body` throws.
public func withRunning<Value: Sendable>(
    _ exporter: any ExporterPlugin, _ context: PluginContext, _ body: () async throws -> Value
) async throws -> Value {
    try await withRunning(PluginService(context: context, body: exporter.run), body)
}

/// Starts a middleware as the service does, lends it, and tells it to stop.
/// - Throws: What its `run` throws, and what `body` throws.
public func withRunning<Value: Sendable>(
    _ middleware: any MiddlewarePlugin, _ context: PluginContext, _ body: () async throws -> Value
) async throws -> Value {
    try await withRunning(PluginService(context: context, body: middleware.run), body)
}

private func withRunning<Value: Sendable>(
    _ service: PluginService, _ body: () async throws -> Value
) async throws -> Value {
    let context = service.context
    let group = ServiceGroup(services: [service], logger: context.logger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            do {
                try await group.run()
            } catch {
                context.unavailable("failed")  // whoever waits for it to be ready waits no longer
                throw error
            }
        }
        try await context.waitUntilSaid()
        var result = Result<Value, any Error>.failure(PluginError("\(context.instance) did not become ready"))
        if context.state == .ready {
            do { result = .success(try await body()) } catch { result = .failure(error) }
        }
        context.noteStop()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        Awaited.current?.note(nil)
        return try result.get()
    }
}

/// Runs a plugin, which is ready at once where it has nothing to open, and then until it is told to stop.
private struct PluginService: Service {
    let context: PluginContext
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await body()
        if Task.isShuttingDownGracefully || Task.isCancelled { return }
        guard context.state == .starting else {
            throw PluginError("\(context.instance) returned from run() before it was told to stop")
        }
        context.ready()
        try? await gracefulShutdown()
    }
}
