import Logging
import OrderKernel

/// The kinds of request that lines bring, as telemetry names them.
struct LineRoutes: Sendable {
    private let create: RequestRoute
    private let get: RequestRoute
    private let list: RequestRoute
    private let update: RequestRoute
    /// Lines that cannot be read: with an order or a change of one, without, and those that may be either.
    private let unreadable: (change: RequestRoute, read: RequestRoute, any: RequestRoute)

    init(_ telemetry: Telemetry) {
        func route(_ operation: String, changesOrders: Bool? = nil) -> RequestRoute {
            telemetry.route(
                name: "json_lines \(operation)",
                attributes: [
                    TelemetryAttribute("orderd.transport", .string(JSONLinesTransport.name)),
                    TelemetryAttribute("orderd.operation", .string(operation)),
                ], logLevel: .debug, changesOrders: changesOrders)
        }
        create = route("create")
        get = route("get")
        list = route("list")
        update = route("update")
        func unreadable(changesOrders: Bool?) -> RequestRoute { route("unreadable", changesOrders: changesOrders) }
        self.unreadable = (
            unreadable(changesOrders: true), unreadable(changesOrders: false), unreadable(changesOrders: nil)
        )
    }

    func route(of line: DecodedLine) -> RequestRoute {
        switch line.operation {
        case .create: create
        case .get: get
        case .list: list
        case .update: update
        default: line.changesOrders.map { $0 ? unreadable.change : unreadable.read } ?? unreadable.any
        }
    }
}
