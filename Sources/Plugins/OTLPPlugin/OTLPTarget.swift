internal import OTLPFormat
internal import OrderKernel

/// Where the telemetry of one signal goes, and how: all settings taken together.
struct OTLPTarget: Sendable {
    let transfer: OTLPTransfer
    let host: String
    let port: Int
    /// Of the request, with a query that may hold a key.
    let path: String
    let headers: [(name: String, value: String)]
    /// For one export with all its attempts.
    let timeout: Duration
    let compresses: Bool
    /// `nil` for a connection without TLS.
    let security: OTLPSecurity?
    /// Whether it is secured as nothing is said: gRPC means TLS where the endpoint has no scheme.
    let isSecureUnasked: Bool

    /// Host and port, as a URL has them.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Where requests go, for messages: without the query.
    var place: String {
        if transfer == .grpc { return authority }
        return (security == nil ? "http://" : "https://") + authority + path.prefix { $0 != "?" }
    }

    /// - Parameters:
    ///   - own: What is said for the signal; counts more, setting by setting.
    ///   - general: What is said for all signals.
    init(_ signal: OTLPRequest.Signal, _ own: TargetSettings, _ general: TargetSettings) {
        let said = own.endpoint ?? general.endpoint
        let transfer = own.transfer ?? general.transfer ?? (said?.port == 4_317 ? .grpc : .protobuf)
        let endpoint = said ?? .standard(transfer)
        let isInsecure = own.isInsecure ?? general.isInsecure ?? false
        let isSecure = endpoint.isSecure ?? (transfer == .grpc && !isInsecure)
        self.transfer = transfer
        host = endpoint.host
        port = endpoint.port ?? (isSecure ? 443 : 80)
        path = Self.path(signal, transfer, endpoint, isOwn: own.endpoint != nil)
        headers = (own.headers ?? general.headers ?? [:]).map {
            (name: $0.text, value: $1.secret.revealed)
        }.sorted { $0.name < $1.name }
        let timeout = own.timeout ?? general.timeout ?? .seconds(10)
        self.timeout = timeout == .zero ? .seconds(3_600) : timeout
        compresses = (own.compression ?? general.compression) == .gzip
        security = isSecure ? OTLPSecurity(own, general) : nil
        isSecureUnasked = isSecure && endpoint.isSecure == nil
    }

    /// The endpoint of a signal is taken as it is; what is said for all is a base that each signal's path is added to.
    private static func path(
        _ signal: OTLPRequest.Signal, _ transfer: OTLPTransfer, _ endpoint: OTLPEndpoint, isOwn: Bool
    ) -> String {
        if transfer == .grpc { return signal.method }
        if isOwn { return (endpoint.path.isEmpty ? "/" : endpoint.path) + (endpoint.query.map { "?" + $0 } ?? "") }
        let end = endpoint.path.lastIndex { $0 != "/" }
        return (end.map { endpoint.path[...$0] } ?? "") + "/v1/" + signal.rawValue
    }
}

/// Whom to trust, and what to show.
struct OTLPSecurity: Sendable {
    let roots: String?
    let certificate: String?
    let key: String?

    fileprivate init(_ own: TargetSettings, _ general: TargetSettings) {
        roots = (own.certificate ?? general.certificate)?.text
        certificate = (own.clientCertificate ?? general.clientCertificate)?.text
        key = (own.clientKey ?? general.clientKey)?.text
    }
}

extension OTLPRequest.Signal {
    /// The path of gRPC's call.
    fileprivate var method: String {
        switch self {
        case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        }
    }
}
