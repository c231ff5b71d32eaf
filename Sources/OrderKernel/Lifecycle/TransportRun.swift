internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// One transport at work, in a service group of its own, so that all transports can be told to stop at one moment.
struct TransportRun: Sendable {
    /// Kind and instance, such as `transport.http/admin`.
    let name: String
    let readiness: Readiness.Entry
    /// Whether it ends with its input, which it then takes nothing of before all others have begun.
    let endsWithItsInput: Bool
    private let isStopped = Latch()
    private let service: TransportService
    private let group: ServiceGroup
    private let logger: Logger

    init(
        _ transport: any TransportPlugin, name: String, serving orders: OrderService, readiness: Readiness.Entry,
        logger: Logger
    ) {
        self.name = name
        self.readiness = readiness
        self.logger = logger
        endsWithItsInput = type(of: transport).endsWithItsInput
        service = TransportService(transport: transport, name: name, orders: orders)
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger.ofGroups))
    }

    /// Serves until the transport ends, in a task that need not be waited for.
    /// - Parameter others: Those that have to say ready or unavailable before: where they cannot begin, nothing is to
    ///   have been done.
    /// - Returns: How it ended: `stoppedEarly` when it was cancelled before it could say, or what it threw.
    func start(behind others: [TransportRun] = []) -> OwnTask<Result<TransportEnd, any Error>> {
        OwnTask {
            guard await hasTurn(behind: others) else {
                logger.error("stopped before it began", metadata: ["plugin": "\(name)"])
                return .success(.stoppedEarly)
            }
            do {
                try await group.run()
            } catch is CancellationError {
                // Of the group: what the transport throws has its name.
            } catch {
                return .failure(error)
            }
            let end = service.end.withLock { $0 } ?? .stoppedEarly
            readiness.set(.ended(end.trouble))
            return .success(end)
        }
    }

    /// Waits until others have begun, unless it is stopped before.
    private func hasTurn(behind others: [TransportRun]) async -> Bool {
        if others.isEmpty { return true }
        return await firstToEnd {
            do { for other in others { try await other.readiness.settled.wait() } } catch { return false }
            return true
        } or: {
            try? await isStopped.wait()
            return false
        }
    }

    /// Lets it accept nothing new and finish what is in flight.
    func stop() async {
        isStopped.open()
        await group.triggerGracefulShutdown()
    }
}

/// A transport as a service group runs it.
private final class TransportService: Service {
    let end = Mutex<TransportEnd?>(nil)  // protects how the run ended, which a service group does not pass on
    private let transport: any TransportPlugin
    private let name: String
    private let orders: OrderService

    init(transport: any TransportPlugin, name: String, orders: OrderService) {
        self.transport = transport
        self.name = name
        self.orders = orders
    }

    func run() async throws {
        do {
            let result = try await transport.run(serving: orders)
            end.withLock { $0 = result }
        } catch is CancellationError where Task.isShuttingDownGracefully || Task.isCancelled {
            // Work that was cancelled for that reason.
        } catch {
            throw PluginFault(plugin: name, error: error)
        }
    }
}

extension TransportEnd {
    /// Why not all of a transport's work was done, as `/readyz` shows it.
    fileprivate var trouble: String? {
        switch self {
        case .complete, .someRefused: nil
        case .stoppedEarly: "stopped_early"
        case .unavailable: "gave_up"
        case .outputFailed: "output_failed"
        case .internalError: "internal"
        }
    }
}
