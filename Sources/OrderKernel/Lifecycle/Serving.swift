internal import Logging

/// Runs the transports until all have ended, or until the service is told to stop.
struct Serving: Sendable {
    let transports: [TransportRun]
    let readiness: Readiness
    let settings: ServiceSettings
    let stop: Latch
    let time: any TimeSource
    let logger: Logger
    /// Opens when the transports are started: from then on, stopping is up to them.
    let hasBegun = Latch()
    /// Opens when the transports are cut: what they asked for is not waited for.
    let isCut = Latch()

    private enum Event: Sendable {
        case ended(Result<TransportEnd, any Error>)
        case ready
        case stopRequested
        case delayOver
        case graceOver
        /// A wait that nobody needs any more.
        case cancelled
    }

    /// - Returns: The gravest of the transports' ends; a failure where one threw, after the others have stopped.
    func run() async -> Result<TransportEnd, any Error> {
        hasBegun.open()
        return await withTaskGroup(of: Event.self) { tasks in
            for transport in transports { tasks.addTask { await Self.run(transport) } }
            tasks.addTask { await event(.ready) { for transport in transports { try await transport.ready() } } }
            tasks.addTask { await event(.stopRequested) { try await stop.wait() } }
            var running = transports.count
            var outcome = Result<TransportEnd, any Error>.success(.complete)
            while running > 0, let event = await tasks.next() {
                switch event {
                case .ended(let end):
                    running -= 1
                    outcome = Self.gravest(outcome, end)
                    if case .failure = end { await stopAll(&tasks) }
                case .ready:
                    logger.info("ready")
                case .stopRequested:
                    logger.info("stopping", metadata: ["delay": "\(settings.shutdownDelay.settingText)"])
                    readiness.drain()
                    tasks.addTask { await self.event(.delayOver) { try await time.sleep(for: settings.shutdownDelay) } }
                case .delayOver:
                    await stopAll(&tasks)
                case .graceOver:
                    // What is cut by that, a transport says itself.
                    logger.warning(
                        "transports are cut", metadata: ["grace": "\(settings.shutdownGrace.settingText)"])
                    isCut.open()
                    tasks.cancelAll()
                case .cancelled:
                    break
                }
            }
            tasks.cancelAll()
            return outcome
        }
    }

    private static func run(_ transport: TransportRun) async -> Event {
        do { return .ended(.success(try await transport.run())) } catch { return .ended(.failure(error)) }
    }

    private func event(_ event: Event, after wait: () async throws -> Void) async -> Event {
        do { try await wait() } catch { return .cancelled }
        return event
    }

    private func stopAll(_ tasks: inout TaskGroup<Event>) async {
        readiness.drain()
        for transport in transports { await transport.stop() }
        tasks.addTask { await event(.graceOver) { try await time.sleep(for: settings.shutdownGrace) } }
    }

    private static func gravest(
        _ one: Result<TransportEnd, any Error>, _ other: Result<TransportEnd, any Error>
    ) -> Result<TransportEnd, any Error> {
        guard case .success(let first) = one, case .success(let second) = other else {
            if case .failure = one { return one }
            return other
        }
        return .success(max(first, second))
    }
}
