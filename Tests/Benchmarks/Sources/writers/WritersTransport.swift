import Logging
import OrderKernel

/// Creates orders from many tasks at once, as fast as they are committed, and prints the seconds that it took; or reads
/// them.
///
/// Each task waits for its order before it asks for the next, as concurrent clients do.
struct WritersTransport: TransportPlugin {
    static let name = "writers"
    static let summary = "Creates or reads orders from many tasks at once."

    struct Configuration: PluginConfiguration {
        let writers: Int
        let orders: Int
        let reading: Int

        init(from settings: inout Settings) {
            writers = settings.value("writers", default: 64, "Tasks that create orders.", in: 1...10_000)
            orders = settings.value("orders", default: 200_000, "Orders created by each run.", in: 1...100_000_000)
            reading = settings.value(
                "reading", default: 0, "Reads as many orders instead, with ids from 1 to this; 0 creates.",
                in: 0...100_000_000)
        }
    }

    private let configuration: Configuration
    private let context: PluginContext

    init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
    }

    func run(serving service: OrderService) async throws -> TransportEnd {
        context.ready()
        let name = configuration.reading > 0 ? "get" : "create"
        let route = service.telemetry.route(name: name, attributes: [], logLevel: .debug)
        let began = context.time.now
        let failed = await withTaskGroup(of: Int.self) { group in
            for writer in 0..<configuration.writers {
                group.addTask { await work(as: writer, on: service, route) }
            }
            return await group.reduce(0, +)
        }
        let duration = context.time.now - began
        print(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
        return failed == 0 ? .complete : .someRefused
    }

    /// Creates or reads one task's share of the orders.
    /// - Returns: How many of them failed.
    private func work(as writer: Int, on service: OrderService, _ route: RequestRoute) async -> Int {
        var failed = 0
        let id = RequestID.random()
        for row in stride(from: writer, to: configuration.orders, by: configuration.writers) {
            let context = RequestContext(
                id: id.advanced(by: UInt64(row)), route: route, deadline: context.time.now + .seconds(30))
            let outcome = await service.respond(to: OrderRequest(operation(row), context: context))
            if outcome.status >= 400 { failed += 1 }
        }
        return failed
    }

    private func operation(_ row: Int) -> OrderRequest.Operation {
        guard configuration.reading > 0 else { return .create(Self.draft(row), key: nil) }
        return .get(Order.ID(row * 7919 % configuration.reading + 1))
    }

    /// The same orders, in about the same order, as `plain-loop.c` inserts.
    private static func draft(_ row: Int) -> OrderDraft {
        OrderDraft(
            customerID: "cust_\(row * 7919 % 10_007)", woodType: OrderRules.standard.woodTypes[row % 5],
            quantity: 1 + row % 100)
    }
}
