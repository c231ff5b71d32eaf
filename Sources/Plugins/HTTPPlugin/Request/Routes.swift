internal import Logging
internal import NIOHTTP1
internal import OrderKernel

/// The kinds of request as telemetry knows them: one for each method on each path, and on paths that are not served, in
/// each version of HTTP.
struct Routes: Sendable {
    /// The versions that telemetry tells apart.
    private enum Version: Int, CaseIterable {
        case http1_1
        case http1_0
        /// Of what is no request at all, and of any that is not spoken here.
        case other

        init(_ version: HTTPVersion?) {
            switch version {
            case .http1_1: self = .http1_1
            case .http1_0: self = .http1_0
            default: self = .other
            }
        }

        var name: String? {
            switch self {
            case .http1_1: "1.1"
            case .http1_0: "1.0"
            case .other: nil
            }
        }
    }

    /// By version and template, of which the first is none, and by method.
    private let routes: [[RequestRoute]]

    private static let templates = [nil] + RouteTemplate.allCases

    init(telemetry: Telemetry) {
        routes = Version.allCases.flatMap { version in
            Self.templates.map { template in
                Method.allCases.map { Self.route($0, template, version, telemetry) }
            }
        }
    }

    /// - Parameters:
    ///   - template: `nil` for a path that is not served.
    ///   - head: `nil` for what is no request at all.
    func route(_ method: Method, _ template: RouteTemplate?, _ head: HTTPRequestHead?) -> RequestRoute {
        let path = template.map { $0.rawValue + 1 } ?? 0
        return routes[Version(head?.version).rawValue * Self.templates.count + path][method.rawValue]
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

    private static func route(
        _ method: Method, _ template: RouteTemplate?, _ version: Version, _ telemetry: Telemetry
    ) -> RequestRoute {
        let name = method == .other ? "HTTP" : method.name
        var attributes = [
            TelemetryAttribute("http.request.method", .string(method.name)),
            TelemetryAttribute("url.scheme", .string("http")),
        ]
        if let template { attributes.append(TelemetryAttribute("http.route", .string(template.path.description))) }
        if let name = version.name { attributes.append(TelemetryAttribute("network.protocol.version", .string(name))) }
        return telemetry.route(
            name: template.map { "\(name) \($0.path)" } ?? name, attributes: attributes, logLevel: .info, metric: metric
        )
    }
}
