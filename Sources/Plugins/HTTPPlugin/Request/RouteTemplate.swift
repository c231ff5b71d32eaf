/// The paths that the transport serves.
enum RouteTemplate: Int, CaseIterable, Sendable {
    case orders
    case order
    case ordersByStatus
    case health
    case liveness
    case readiness

    /// As telemetry and the documentation write it.
    var path: StaticString {
        switch self {
        case .orders: "/orders"
        case .order: "/orders/{id}"
        case .ordersByStatus: "/orders/status/{status}"
        case .health: "/health"
        case .liveness: "/livez"
        case .readiness: "/readyz"
        }
    }

    /// Where the paths begin: all of them are one of these, or below.
    static var roots: [String] {
        [orders, health, liveness, readiness].map(\.path.description)
    }

    /// The methods that may be used on it, as the `Allow` field lists them.
    var allowedMethods: StaticString {
        switch self {
        case .orders: "GET, HEAD, POST"
        case .order: "GET, HEAD, PUT"
        case .ordersByStatus, .health, .liveness, .readiness: "GET, HEAD"
        }
    }

    /// Finds what a path is, and the text that stands where the template has braces.
    static func match(_ segments: [Substring]) -> (template: RouteTemplate, parameter: Substring)? {
        switch (segments.count, segments.first) {
        case (1, "orders"): (.orders, "")
        case (2, "orders"): (.order, segments[1])
        case (3, "orders") where segments[1] == "status": (.ordersByStatus, segments[2])
        case (1, "health"): (.health, "")
        case (1, "livez"): (.liveness, "")
        case (1, "readyz"): (.readiness, "")
        default: nil
        }
    }
}
