public import OrderKernel
internal import ServiceLifecycleTestKit

/// A transport at work.
public struct RunningTransport: Sendable {
    private let trigger: GracefulShutdownTestTrigger
    private let cancellation: Latch
    /// Opens when the transport has ended.
    let hasEnded: Latch

    fileprivate init(trigger: GracefulShutdownTestTrigger, cancellation: Latch, hasEnded: Latch) {
        self.hasEnded = hasEnded
        self.trigger = trigger
        self.cancellation = cancellation
    }

    /// Tells the transport to stop, and does not wait until it has: graceful shutdown has begun when this returns.
    public func stop() { trigger.triggerGracefulShutdown() }

    /// Cancels the transport's task, and does not wait.
    public func cancel() { cancellation.open() }
}

/// Starts a transport as the service does: runs it until it says ready, lends it, and tells it to stop.
///
/// - Parameters:
///   - context: The context that the transport was made with, such as
///     ``PluginContext/standalone(transport:serving:logger:time:)``.
///   - service: Answers what comes in, such as ``OrderService/standalone(storage:middleware:rules:time:_:)`` lends.
/// - Returns: How the transport ended.
/// - Throws: What its `run` throws, and what `body` throws; ``PluginError`` when it ends without having said ready.
public func withRunning(
    _ transport: any TransportPlugin, _ context: PluginContext, serving service: OrderService,
    _ body: @Sendable (RunningTransport) async throws -> Void
) async throws -> TransportEnd {
    let cancellation = Latch()
    let hasEnded = Latch()
    return try await testGracefulShutdown { trigger in
        try await withThrowingTaskGroup(of: TransportEnd.self) { tasks in
            tasks.addTask {
                defer { hasEnded.open() }
                defer { if context.state == .starting { context.unavailable("ended") } }
                return try await run(transport, serving: service, until: cancellation)
            }
            try await context.waitUntilSaid()
            var failure: (any Error)? = PluginError("the transport did not become ready")
            if context.state == .ready {
                failure = nil
                do {
                    try await body(RunningTransport(trigger: trigger, cancellation: cancellation, hasEnded: hasEnded))
                } catch {
                    failure = error
                }
            }
            context.noteStop()
            trigger.triggerGracefulShutdown()
            let end = try await tasks.next()
            Awaited.current?.note(nil)
            if let failure { throw failure }
            return end ?? .stoppedEarly
        }
    }
}

/// Runs a transport, and cancels it once the gate is open.
private func run(
    _ transport: any TransportPlugin, serving service: OrderService, until cancellation: Latch
) async throws -> TransportEnd {
    try await withThrowingTaskGroup(of: TransportEnd?.self) { tasks in
        tasks.addTask {
            do { return try await transport.run(serving: service) } catch is CancellationError { return .stoppedEarly }
        }
        tasks.addTask {
            try? await cancellation.wait()
            return nil
        }
        while let end = try await tasks.next() {
            tasks.cancelAll()
            if let end { return end }
        }
        return .stoppedEarly
    }
}
