import Logging
import OrderKernel

/// The kinds of request that lines bring, as telemetry names them.
struct LineRoutes: Sendable {
    private let create: RequestRoute
    private let get: RequestRoute
    private let list: RequestRoute
    private let update: RequestRoute
    private let unreadable: RequestRoute

    init(_ telemetry: Telemetry) {
        func route(_ operation: String) -> RequestRoute {
            telemetry.route(
                name: "json_lines \(operation)",
                attributes: [
                    TelemetryAttribute("orderd.transport", .string(JSONLinesTransport.name)),
                    TelemetryAttribute("orderd.operation", .string(operation)),
                ], logLevel: .debug)
        }
        create = route("create")
        get = route("get")
        list = route("list")
        update = route("update")
        unreadable = route("unreadable")
    }

    func route(of operation: LineOperation?) -> RequestRoute {
        switch operation {
        case .create: create
        case .get: get
        case .list: list
        case .update: update
        case nil: unreadable
        }
    }
}
