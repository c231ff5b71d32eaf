internal import Logging
public import OrderKernel
internal import ServiceLifecycle

/// What a storage under test is made with.
public struct StoragePlace: Sendable {
    /// An empty folder for what the storage keeps, removed after the check.
    public let folder: String
    public let context: PluginContext
}

/// Starts a storage as the service does: runs it until it says ready, lends it, and tells it to stop.
///
/// - Parameter context: The context that the storage was made with, such as ``PluginContext/standalone(_:logger:time:)``.
/// - Throws: What its `run` throws, and what `body` throws.
public func withRunning<Value: Sendable>(
    _ storage: any StoragePlugin, _ context: PluginContext, _ body: () async throws -> Value
) async throws -> Value {
    let group = ServiceGroup(services: [StorageService(storage: storage, context: context)], logger: context.logger)
    return try await withThrowingTaskGroup(of: Value?.self) { tasks in
        tasks.addTask {
            do {
                try await group.run()
            } catch {
                context.unavailable("failed")  // whoever waits for it to be ready waits no longer
                throw error
            }
            return nil
        }
        try await context.waitUntilSettled()
        if context.state != .ready { while try await tasks.next() != nil {} }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        while try await tasks.next() != nil {}
        return try result.get()
    }
}

/// Runs a storage, which is ready at once where it has nothing to open, and then until it is told to stop.
private struct StorageService: Service {
    let storage: any StoragePlugin
    let context: PluginContext

    func run() async throws {
        try await storage.run()
        guard context.state == .starting else { return }
        context.ready()
        try? await gracefulShutdown()
    }
}
