internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Plugins that start together, before everything that needs them, and stop together, after it.
struct Layer: Sendable {
    /// One plugin's work, from opening to closing.
    struct Member: Sendable {
        let name: String
        /// Where it says ready; `nil` for what has nothing to open.
        let readiness: Readiness.Entry?
        let run: @Sendable () async throws -> Void
    }

    let members: [Member]
    let logger: Logger
    /// How long the members may take to close; `nil` for as long as it takes.
    var closesWithin: Duration?

    /// Starts the members, runs the body once all of them have said ready, and stops them in reverse when it is done.
    ///
    /// - Throws: What a member threw, at any time: the body is then cancelled, and what was opened is closed again.
    ///   What the body threw, after the members have stopped.
    func around<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        guard !members.isEmpty else { return try await body() }
        let failure = MemberFailure()
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: members.map { MemberService.configuration($0, failure) }, logger: logger.ofGroups))
        return try await withThrowingTaskGroup(of: Event<Result>.self) { tasks in
            tasks.addTask {
                try await services.run()
                return .stopped
            }
            tasks.addTask {
                do { return .done(.success(try await run(body, until: failure))) } catch {
                    return .done(.failure(error))
                }
            }
            guard case .done(let result)? = try await tasks.next() else { throw CancellationError() }
            await services.triggerGracefulShutdown()
            if let limit = closesWithin {
                tasks.addTask {
                    try? await Task.sleep(for: limit); return .stopped
                }
            }
            _ = try await tasks.next()
            tasks.cancelAll()
            return try result.get()
        }
    }

    /// Runs the body once all members have said ready; one that fails cancels it.
    private func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result, until failure: MemberFailure
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { tasks in
            tasks.addTask {
                for member in members { try await member.readiness?.settled.wait() }
                return try await body()
            }
            tasks.addTask { throw try await failure.wait() }
            guard let result = try await tasks.next() else { throw CancellationError() }
            tasks.cancelAll()
            return result
        }
    }

    private enum Event<Value: Sendable>: Sendable {
        case stopped
        case done(Swift.Result<Value, any Error>)
    }
}

/// A member as a service group runs it.
private struct MemberService: Service {
    let member: Layer.Member
    let failure: MemberFailure

    static func configuration(
        _ member: Layer.Member, _ failure: MemberFailure
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(
            service: MemberService(member: member, failure: failure),
            successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
    }

    /// One that ends too early lets the others go on until what is inside of the layer has ended.
    func run() async throws {
        do {
            try await runUntilTold()
        } catch {
            failure.note(error)
            try? await gracefulShutdown()
            throw error
        }
    }

    /// A member that returns without having said ready had nothing to open: it is ready, and stays until all stop.
    private func runUntilTold() async throws {
        try await member.run()
        if let readiness = member.readiness, readiness.state == .starting {
            readiness.set(.ready)
            try? await gracefulShutdown()
        }
        guard Task.isShuttingDownGracefully || Task.isCancelled else {
            throw PluginError("\(member.name) stopped before anything else did")
        }
    }
}

/// The first error that ended a member of a layer.
private final class MemberFailure: Sendable {
    private let error = Mutex<(any Error)?>(nil)  // protects the error
    private let isNoted = Latch()

    func note(_ error: any Error) {
        self.error.withLock { if $0 == nil { $0 = error } }
        isNoted.open()
    }

    /// Waits until there is one.
    func wait() async throws -> any Error {
        try await isNoted.wait()
        return error.withLock { $0 } ?? CancellationError()
    }
}

extension Logger {
    /// For service groups, whose lines below `warning` are about themselves.
    var ofGroups: Logger {
        var logger = self
        logger.logLevel = max(logLevel, .warning)
        return logger
    }
}
