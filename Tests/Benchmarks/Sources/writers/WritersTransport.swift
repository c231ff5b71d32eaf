import Logging
import OrderKernel

/// Creates orders from many tasks at once, as fast as they are committed, and prints the seconds that it took.
///
/// Each task waits for the commit of its order before it asks for the next, as concurrent clients do.
struct WritersTransport: TransportPlugin {
    static let name = "writers"
    static let summary = "Creates orders from many tasks at once."

    struct Configuration: PluginConfiguration {
        let writers: Int
        let orders: Int

        init(from settings: inout Settings) {
            writers = settings.value("writers", default: 64, "Tasks that create orders.", in: 1...10_000)
            orders = settings.value("orders", default: 200_000, "Orders created by each run.", in: 1...100_000_000)
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
        let route = service.telemetry.route(name: "create", attributes: [], logLevel: .debug)
        let began = context.time.now
        let refused = await withTaskGroup(of: Int.self) { group in
            for writer in 0..<configuration.writers {
                group.addTask { await write(as: writer, to: service, route) }
            }
            return await group.reduce(0, +)
        }
        let duration = context.time.now - began
        print(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
        return refused == 0 ? .complete : .someRefused
    }

    /// Creates one task's share of the orders.
    /// - Returns: How many of them were not created.
    private func write(as writer: Int, to service: OrderService, _ route: RequestRoute) async -> Int {
        var refused = 0
        let id = RequestID.random()
        for row in stride(from: writer, to: configuration.orders, by: configuration.writers) {
            let context = RequestContext(
                id: id.advanced(by: UInt64(row)), route: route, deadline: context.time.now + .seconds(30))
            let outcome = await service.respond(to: OrderRequest(.create(Self.draft(row), key: nil), context: context))
            if outcome.status != 201 { refused += 1 }
        }
        return refused
    }

    /// The same orders, in about the same order, as `plain-loop.c` inserts.
    private static func draft(_ row: Int) -> OrderDraft {
        OrderDraft(
            customerID: "cust_\(row * 7919 % 10_007)", woodType: OrderRules.standard.woodTypes[row % 5],
            quantity: 1 + row % 100)
    }
}
