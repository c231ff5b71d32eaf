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
        let open = Mutex(members.map(\.name))  // protects the members that have not ended
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: members.map { member in
                    MemberService.configuration(member, failure) {
                        open.withLock { $0.removeAll { $0 == member.name } }
                    }
                }, logger: logger.ofGroups))
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
                    try? await Task.sleep(for: limit); return .late
                }
            }
            if case .late? = try await tasks.next() {
                for name in open.withLock({ $0 }) { logger.warning("has not stopped", metadata: ["plugin": "\(name)"]) }
            }
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
                for member in members { try await waitUntilSettled(member) }
                return try await body()
            }
            tasks.addTask { throw try await failure.wait() }
            guard let result = try await tasks.next() else { throw CancellationError() }
            tasks.cancelAll()
            return result
        }
    }

    /// Waits until the member has said ready, and tells the operator where that takes long.
    private func waitUntilSettled(_ member: Member) async throws {
        guard let settled = member.readiness?.settled else { return }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await settled.wait() }
            tasks.addTask {
                try await Task.sleep(for: .seconds(10))
                logger.warning("has not said ready", metadata: ["plugin": "\(member.name)"])
                try await settled.wait()
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private enum Event<Value: Sendable>: Sendable {
        case stopped
        /// Members have not closed in time.
        case late
        case done(Swift.Result<Value, any Error>)
    }
}

/// A member as a service group runs it.
private struct MemberService: Service {
    let member: Layer.Member
    let failure: MemberFailure
    let ended: @Sendable () -> Void

    static func configuration(
        _ member: Layer.Member, _ failure: MemberFailure, ended: @escaping @Sendable () -> Void
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(
            service: MemberService(member: member, failure: failure, ended: ended),
            successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
    }

    /// One that ends too early lets the others go on until what is inside of the layer has ended.
    func run() async throws {
        defer { ended() }
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
        do {
            try await member.run()
        } catch is CancellationError where Task.isShuttingDownGracefully {
            return  // work that was cancelled for that reason
        } catch {
            throw PluginFault.named(error, of: member.name)
        }
        if let readiness = member.readiness, readiness.state == .starting {
            readiness.set(.ready)
            try? await gracefulShutdown()
        }
        guard Task.isShuttingDownGracefully || Task.isCancelled else {
            throw PluginError("\(member.name) stopped before anything else did")
        }
    }
}

/// What a plugin threw, with its name, unless it says itself what the operator is to know.
struct PluginFault: Error, CustomStringConvertible {
    let plugin: String
    let error: any Error

    var description: String { "\(plugin): \(error)" }

    /// - Returns: The error itself where it is meant for the operator, or for nobody.
    static func named(_ error: any Error, of name: String) -> any Error {
        error is PluginError || error is CancellationError ? error : PluginFault(plugin: name, error: error)
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
