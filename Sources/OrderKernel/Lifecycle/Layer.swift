internal import Logging
internal import ServiceLifecycle

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
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: members.map(MemberService.configuration), logger: logger)
        )
        return try await withThrowingTaskGroup(of: Event<Result>.self) { tasks in
            tasks.addTask {
                try await services.run()
                return .stopped
            }
            tasks.addTask {
                for member in members { try await member.readiness?.settled.wait() }
                do { return .done(.success(try await body())) } catch { return .done(.failure(error)) }
            }
            guard case .done(let result)? = try await tasks.next() else {
                try Task.checkCancellation()
                throw PluginError("\(members.map(\.name).joined(separator: ", ")) stopped before anything else did")
            }
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

    private enum Event<Value: Sendable>: Sendable {
        case stopped
        case done(Swift.Result<Value, any Error>)
    }
}

/// A member as a service group runs it.
private struct MemberService: Service {
    let member: Layer.Member

    static func configuration(_ member: Layer.Member) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(
            service: MemberService(member: member), successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
    }

    /// A member that returns without having said ready had nothing to open: it is ready, and stays until all stop.
    func run() async throws {
        try await member.run()
        if let readiness = member.readiness, readiness.state == .starting {
            readiness.set(.ready)
            try? await gracefulShutdown()
        }
    }
}
