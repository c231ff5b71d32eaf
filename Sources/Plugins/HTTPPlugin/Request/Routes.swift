internal import Logging
internal import OrderKernel

/// The kinds of request as telemetry knows them: one for each method on each path, and on paths that are not served.
struct Routes: Sendable {
    /// By template, of which the first is none, and by method.
    private let routes: [[RequestRoute]]

    init(telemetry: Telemetry) {
        routes = ([nil] + RouteTemplate.allCases).map { template in
            Method.allCases.map { Self.route($0, template, telemetry) }
        }
    }

    /// - Parameter template: `nil` for a path that is not served.
    func route(_ method: Method, _ template: RouteTemplate?) -> RequestRoute {
        routes[template.map { $0.rawValue + 1 } ?? 0][method.rawValue]
    }

    private static let metric: RequestMetric = {
        var metric = RequestMetric(
            name: "http.server.request.duration", description: "Duration of HTTP server requests.",
            statusKey: "http.response.status_code")
        metric.active = RequestMetric.Active(
            name: "http.server.active_requests", description: "HTTP server requests that are under way.",
            attributeKeys: ["http.request.method", "url.scheme"])
        metric.sizes = ("http.server.request.body.size", "http.server.response.body.size")
        return metric
    }()

    private static func route(_ method: Method, _ template: RouteTemplate?, _ telemetry: Telemetry) -> RequestRoute {
        let name = method == .other ? "HTTP" : method.name
        var attributes = [
            TelemetryAttribute("http.request.method", .string(method.name)),
            TelemetryAttribute("url.scheme", .string("http")),
        ]
        if let template { attributes.append(TelemetryAttribute("http.route", .string(template.path.description))) }
        return telemetry.route(
            name: template.map { "\(name) \($0.path)" } ?? name, attributes: attributes, logLevel: .info, metric: metric
        )
    }
}
