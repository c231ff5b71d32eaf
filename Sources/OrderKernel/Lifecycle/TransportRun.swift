internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// One transport at work, in a service group of its own, so that all transports can be told to stop at one moment.
struct TransportRun: Sendable {
    /// Kind and instance, such as `transport.http/admin`.
    let name: String
    let readiness: Readiness.Entry
    private let service: TransportService
    private let group: ServiceGroup

    init(
        _ transport: any TransportPlugin, name: String, serving orders: OrderService, readiness: Readiness.Entry,
        logger: Logger
    ) {
        self.name = name
        self.readiness = readiness
        service = TransportService(transport: transport, name: name, orders: orders)
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger.ofGroups))
    }

    /// Serves until the transport ends, in a task that need not be waited for.
    /// - Returns: How it ended: `stoppedEarly` when it was cancelled before it could say, or what it threw.
    func start() -> OwnTask<Result<TransportEnd, any Error>> {
        OwnTask {
            do {
                try await group.run()
            } catch is CancellationError {
                // Of the group: what the transport throws has its name.
            } catch {
                return .failure(error)
            }
            readiness.set(.ended)
            return .success(service.end.withLock { $0 } ?? .stoppedEarly)
        }
    }

    /// Lets it accept nothing new and finish what is in flight.
    func stop() async {
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
            throw PluginFault.named(error, of: name)
        }
    }
}
