internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Plugins that start together, before everything that needs them, and stop together, after it.
struct Layer: Sendable {
    /// One plugin's work, from opening to closing.
    struct Member: Sendable {
        /// Kind and instance, such as `exporter.otlp`.
        let name: String
        /// Where it says ready; `nil` for what has nothing to open.
        let readiness: Readiness.Entry?
        let run: @Sendable () async throws -> Void
    }

    let members: [Member]
    let patience: Patience

    /// Starts the members, runs the body once all of them have said ready, and stops them when it is done: side by
    /// side, so that one that takes long leaves the others their time.
    ///
    /// When the task is cancelled, the body is, and the members are told to stop after it; those that have not said
    /// ready are cancelled.
    /// - Throws: What a member threw before the body ended: the body is then cancelled, and what was opened is closed
    ///   again. What the body threw, after the members have stopped. What they throw at the end goes to the log alone.
    func around<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        guard !members.isEmpty else { return try await body() }
        let failures = MemberFailures()
        let open = Mutex(members.map(\.name))  // protects the members that have not ended
        let groups = members.map { member in
            let service = MemberService(member: member, failures: failures) {
                open.withLock { $0.removeAll { $0 == member.name } }
            }
            return ServiceGroup(services: [service], logger: patience.logger.ofGroups)
        }
        let work = OwnTask<Void> {
            await withDiscardingTaskGroup { tasks in
                // What a group throws, its member has thrown.
                for group in groups { tasks.addTask { try? await group.run() } }
            }
        }
        let result = await run(body, until: failures)
        for group in groups { await group.triggerGracefulShutdown() }
        if Task.isCancelled, !members.allSatisfy({ $0.readiness?.settled.isOpen ?? true }) { work.cancel() }
        await patience.see(work) { open.withLock { $0 } }
        for (name, error) in failures.rest { patience.logger.failure(of: name, error) }
        return try result.get()
    }

    /// Runs the body once all members have said ready; one that fails cancels it.
    private func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value, until failures: MemberFailures
    ) async -> Result<Value, any Error> {
        await withTaskGroup(of: Result<Value, any Error>?.self) { tasks in
            tasks.addTask {
                do {
                    for member in members { try await waitUntilSettled(member) }
                    return .success(try await body())
                } catch {
                    return .failure(error)
                }
            }
            tasks.addTask {
                try? await failures.wait()
                return nil
            }
            var result: Result<Value, any Error>?
            var cause: (any Error)?
            for await end in tasks {
                if let end { result = end } else if result == nil { cause = failures.takeFirst() }
                tasks.cancelAll()
            }
            guard var cause else { return result ?? .failure(CancellationError()) }
            if var fault = cause as? PluginFault, case .success(let end as TransportEnd) = result {
                fault.othersEnd = end
                cause = fault
            }
            return .failure(cause)
        }
    }

    private func waitUntilSettled(_ member: Member) async throws {
        try await member.readiness?.waitUntilSettled(member.name, patience.time, patience.logger)
    }
}

/// A member as a service group runs it.
private struct MemberService: Service {
    let member: Layer.Member
    let failures: MemberFailures
    let ended: @Sendable () -> Void

    /// One that ends too early lets the others go on until what is inside of the layer has ended.
    func run() async throws {
        defer { ended() }
        do {
            try await runUntilTold()
        } catch {
            failures.note(error, of: member.name)
            try? await gracefulShutdown()
            throw error
        }
    }

    /// A member that returns without having said ready had nothing to open: it is ready, and stays until all stop.
    private func runUntilTold() async throws {
        do {
            try await member.run()
        } catch is CancellationError where Task.isShuttingDownGracefully || Task.isCancelled {
            return  // work that was cancelled for that reason
        } catch {
            throw PluginFault(plugin: member.name, error: error)
        }
        if let readiness = member.readiness, readiness.state == .starting {
            readiness.set(.ready)
            try? await gracefulShutdown()
        }
        guard Task.isShuttingDownGracefully || Task.isCancelled else {
            throw PluginFault(
                plugin: member.name,
                error: PluginError("its run() returned while the service ran, and it had said ready()"))
        }
    }
}

/// The errors that ended members of a layer.
private final class MemberFailures: Sendable {
    private let errors = Mutex<[(name: String, error: any Error)]>([])  // protects the errors
    private let isNoted = Latch()

    func note(_ error: any Error, of name: String) {
        errors.withLock { $0.append((name, error)) }
        isNoted.open()
    }

    /// Waits until there is one.
    func wait() async throws { try await isNoted.wait() }

    /// Takes the first out, for whoever throws it.
    func takeFirst() -> (any Error)? {
        errors.withLock { $0.isEmpty ? nil : $0.removeFirst().error }
    }

    /// Those that nobody throws.
    var rest: [(name: String, error: any Error)] { errors.withLock { $0 } }
}

extension Logger {
    /// For service groups, whose lines below `warning` are about themselves.
    var ofGroups: Logger {
        var logger = self
        logger.logLevel = max(logLevel, .warning)
        return logger
    }

    /// Tells of what a plugin threw where the service ends for another reason.
    func failure(of plugin: String, _ error: any Error) {
        let reason = "\((error as? PluginFault)?.error ?? error)".withoutPasswords
        self.error("failed while the service ends", metadata: ["plugin": "\(plugin)", "reason": "\(reason)"])
    }
}
