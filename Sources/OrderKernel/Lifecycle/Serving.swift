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

    /// Whether a transport has got so far that requests could come.
    var hasServed: Bool { transports.contains { $0.readiness.settled.isOpen } }

    private typealias Running = OwnTask<Result<TransportEnd, any Error>>

    private enum Event: Sendable {
        /// The transport of that number has ended.
        case ended(Int, Result<TransportEnd, any Error>)
        case settled
        case stopRequested
        case delayOver
        case graceOver
        /// Nobody waits for the transports any more.
        case cancelled
        /// What was cut has had its time.
        case givenUp
        /// A wait that nobody needs any more.
        case unneeded
    }

    /// - Returns: The gravest of the transports' ends; a failure where one threw, after the others have stopped. When
    ///   the task is cancelled, the transports are cut, and those that take no notice are left behind.
    func run() async -> Result<TransportEnd, any Error> {
        hasBegun.open()
        let isCancelled = Latch()
        let work = OwnTask { await serve(unless: isCancelled) }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            isCancelled.open()
        }
    }

    private func serve(unless isCancelled: Latch) async -> Result<TransportEnd, any Error> {
        let lasting = transports.filter { !$0.endsWithItsInput }
        let running = transports.map { $0.start(behind: $0.endsWithItsInput ? lasting : []) }
        return await withTaskGroup(of: Event.self) { tasks in
            for (number, work) in running.enumerated() {
                tasks.addTask { (try? await work.valueUnlessCancelled()).map { .ended(number, $0) } ?? .unneeded }
            }
            tasks.addTask { await event(.settled) { try await waitUntilSettled() } }
            tasks.addTask { await event(.stopRequested) { try await stop.wait() } }
            tasks.addTask { await event(.cancelled) { try await isCancelled.wait() } }
            var ends = TransportEnds(names: transports.map(\.name), logger: logger)
            while !ends.open.isEmpty, let event = await tasks.next() {
                switch event {
                case .ended(let number, let end):
                    ends.note(end, of: number)
                    if case .failure = end { await stopAll(&tasks) }
                    if !readiness.isDraining, !isCut.isOpen { ends.tellOthers(than: number) }
                case .settled: tellWhetherReady()
                case .stopRequested:
                    logger.info("stopping", metadata: ["delay": "\(settings.shutdownDelay.settingText)"])
                    readiness.drain()
                    tasks.addTask { await self.event(.delayOver) { try await time.sleep(for: settings.shutdownDelay) } }
                case .delayOver: await stopAll(&tasks)
                case .graceOver where isCut.isOpen: break
                case .graceOver:
                    // What is cut by that, a transport says itself.
                    logger.warning("transports are cut", metadata: ["grace": "\(settings.shutdownGrace.settingText)"])
                    cut(running, &tasks)
                case .cancelled: cut(running, &tasks)
                case .givenUp: ends.giveUp()
                case .unneeded: break
                }
            }
            tasks.cancelAll()
            return ends.gravest
        }
    }

    private func event(_ event: Event, after wait: () async throws -> Void) async -> Event {
        do { try await wait() } catch { return .unneeded }
        return event
    }

    private func waitUntilSettled() async throws {
        for transport in transports {
            try await transport.readiness.waitUntilSettled(transport.name, time, logger)
        }
    }

    private func tellWhetherReady() {
        if readiness.isDraining { return }
        let others = readiness.plugins.filter { !$0.state.isGood }
        guard !others.isEmpty else { return logger.info("ready") }
        let names = others.map(\.plugin).joined(separator: ", ")
        logger.warning("started, not ready", metadata: ["plugins": "\(names)"])
    }

    private func stopAll(_ tasks: inout TaskGroup<Event>) async {
        readiness.drain()
        for transport in transports { await transport.stop() }
        tasks.addTask { await event(.graceOver) { try await time.sleep(for: settings.shutdownGrace) } }
    }

    private func cut(_ running: [Running], _ tasks: inout TaskGroup<Event>) {
        isCut.open()
        for work in running { work.cancel() }
        tasks.addTask { await event(.givenUp) { try await time.sleep(for: Patience.afterCancellation) } }
    }
}

/// How transports have ended so far.
private struct TransportEnds {
    let names: [String]
    let logger: Logger
    /// Numbers of those that have not ended.
    private(set) var open: Set<Int>
    private var end = TransportEnd.complete
    private var failure: (any Error)?

    /// The first of the gravest failures, which knows how the others ended; without any, the gravest end.
    var gravest: Result<TransportEnd, any Error> {
        guard let failure else { return .success(end) }
        guard var fault = failure as? PluginFault else { return .failure(failure) }
        fault.othersEnd = end
        return .failure(fault)
    }

    init(names: [String], logger: Logger) {
        self.names = names
        self.logger = logger
        open = Set(names.indices)
    }

    mutating func note(_ result: Result<TransportEnd, any Error>, of number: Int) {
        open.remove(number)
        switch result {
        case .success(let other): end = max(end, other)
        case .failure(let error):
            guard let first = failure else { return failure = error }
            let isGraver = isInternal(error) && !isInternal(first)
            if isGraver { failure = error }
            logger.failure(of: names[number], isGraver ? first : error)
        }
    }

    /// Says that a transport has ended by itself, where the service goes on with others.
    func tellOthers(than number: Int) {
        guard !open.isEmpty else { return }
        let others = open.sorted().map { names[$0] }.joined(separator: ", ")
        logger.notice("ended; others go on", metadata: ["plugin": "\(names[number])", "others": "\(others)"])
    }

    private func isInternal(_ error: any Error) -> Bool { (error as? PluginFault)?.isInternal ?? true }

    /// Waits for none of the others any more.
    mutating func giveUp() {
        for number in open.sorted() {
            logger.leftBehind(names[number])
            note(.success(.stoppedEarly), of: number)
        }
    }
}
