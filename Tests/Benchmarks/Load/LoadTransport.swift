internal import Logging
internal import OrderKernel

/// Asks for orders as fast as they are answered, without a protocol: what remains is the pipeline, the commit queue and
/// the storage.
struct LoadTransport: TransportPlugin {
    static let name = "load"
    static let summary = "Creates orders from concurrent writers, and prints how many a second were stored."

    struct Configuration: PluginConfiguration {
        let writers: Int
        let orders: Int

        init(from settings: inout Settings) {
            writers = settings.value("writers", default: 64, "Writers at a time.", in: 1...10_000)
            orders = settings.value("orders", default: 100_000, "Orders in all.", in: 1...100_000_000)
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
        let route = service.telemetry.route(name: "load", attributes: [], logLevel: .trace)
        let each = configuration.orders / configuration.writers
        let begin = context.time.now
        let failed = await withTaskGroup(of: Int.self) { tasks in
            for writer in 0..<configuration.writers {
                tasks.addTask { await write(each, as: writer, route, service) }
            }
            return await tasks.reduce(0, +)
        }
        let seconds = (context.time.now - begin) / .seconds(1)
        print("{\"orders\":\(each * configuration.writers),\"failed\":\(failed),\"seconds\":\(seconds)}")
        return failed == 0 ? .complete : .internalError
    }

    private func write(_ count: Int, as writer: Int, _ route: RequestRoute, _ service: OrderService) async -> Int {
        var failed = 0
        for number in 0..<count {
            let draft = OrderDraft(customerID: "cust_\(writer)", woodType: "oak", quantity: number % 1_000 + 1)
            let context = RequestContext(id: .random(), route: route, deadline: context.time.now + .seconds(30))
            let outcome = await service.respond(to: OrderRequest(.create(draft, key: nil), context: context))
            if outcome.status != 201 { failed += 1 }
        }
        return failed
    }
}
