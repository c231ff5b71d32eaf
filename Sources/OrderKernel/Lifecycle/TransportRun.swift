internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// One transport at work, in a service group of its own, so that all transports can be told to stop at one moment.
struct TransportRun: Sendable {
    private let service: TransportService
    private let group: ServiceGroup
    private let readiness: Readiness.Entry

    init(
        _ transport: any TransportPlugin, serving orders: OrderService, readiness: Readiness.Entry, logger: Logger
    ) {
        self.readiness = readiness
        service = TransportService(transport: transport, orders: orders)
        group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger.ofGroups))
    }

    /// Waits until requests can come in.
    func ready() async throws {
        try await readiness.settled.wait()
    }

    /// Serves until the transport ends.
    /// - Returns: How it ended; `stoppedEarly` when it was cancelled before it could say.
    /// - Throws: What the transport threw.
    func run() async throws -> TransportEnd {
        do { try await group.run() } catch is CancellationError {}
        return service.end.withLock { $0 } ?? .stoppedEarly
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
    private let orders: OrderService

    init(transport: any TransportPlugin, orders: OrderService) {
        self.transport = transport
        self.orders = orders
    }

    func run() async throws {
        let result = try await transport.run(serving: orders)
        end.withLock { $0 = result }
    }
}
