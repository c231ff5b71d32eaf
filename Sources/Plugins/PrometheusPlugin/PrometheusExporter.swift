internal import Gzip
internal import Logging
public import OrderKernel
internal import Synchronization

/// Shows the metrics to Prometheus, which comes and asks for them.
///
/// On a port of its own, or as a document that the HTTP transport serves.
public struct PrometheusExporter: ExporterPlugin {
    public static let name = "prometheus"
    public static let summary = "Shows the metrics to Prometheus, on a port of its own or under /metrics over HTTP."

    public struct Configuration: PluginConfiguration {
        let host: String
        let port: Int?
        let path: String
        let hasScopeLabels: Bool
        let hasTargetInfo: Bool

        public init(from settings: inout Settings) {
            host = settings.value(
                "host", default: "localhost", "Name or address to listen on, where there is a port.",
                environment: .openTelemetry("OTEL_EXPORTER_PROMETHEUS_HOST"))
            settings.checkListening("host", on: host)
            port = settings.optional(
                "port",
                "TCP port of its own, usually 9464; 0 lets the system choose. Without one: a document over HTTP.",
                in: 0...65_535, environment: .openTelemetry("OTEL_EXPORTER_PROMETHEUS_PORT"))
            settings.checkEffect("host", isNone: Self.idleHost(host, port))
            path = settings.value("path", default: "/metrics", "Path under which the metrics are.")
            settings.check("path", fault: Self.fault(of: path))
            hasScopeLabels = settings.value(
                "scope_labels", default: true, "Whether every series says which code measured it.")
            hasTargetInfo = settings.value(
                "target_info", default: true, "Whether the service says what it is, as labels of `target_info`.")
            if let port {
                settings.needs(.port(port, host: host), for: "port")
            } else {
                settings.needs(.document(path: path), for: "path")
            }
        }

        /// Why the host has no effect; `nil` where it has one, or is the default.
        private static func idleHost(_ host: String, _ port: Int?) -> String? {
            guard port == nil, host != "localhost" else { return nil }
            return "without a port the metrics are a document of the HTTP transport; set port, usually 9464"
        }

        /// Why nobody could ask for a path (RFC 3986, section 3.3).
        private static func fault(of path: String) -> String? {
            if !path.hasPrefix("/") { return "must begin with a slash" }
            if path.contains("?") { return "must be a path alone, without a query" }
            let others = Array("/-._~!$&'()*+,;=:@%".utf8)
            let isPath = path.utf8.allSatisfy { byte in
                let character = Character(Unicode.Scalar(byte))
                return byte < 0x80 && (character.isLetter || character.isNumber) || others.contains(byte)
            }
            if !isPath || PercentEncoding.decoded(path[...]) == nil {
                return "must be a path as a URL has it, with '%' and two digits for every other character"
            }
            return nil
        }
    }

    private let configuration: Configuration
    private let context: PluginContext
    private let document: MetricsDocument

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
        document = MetricsDocument(
            path: configuration.path, metrics: context.metrics, logger: context.logger,
            options: ExpositionOptions(
                hasScopeLabels: configuration.hasScopeLabels, hasTargetInfo: configuration.hasTargetInfo))
    }

    /// Metrics only, and none of them until they are asked for.
    public var demand: TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = .metrics
        demand.metricInterval = nil
        demand.exportsLastMetrics = false
        demand.metricProtocolName = "prometheus_http_text"
        return demand
    }

    public var documents: [any ServiceDocument] { configuration.port == nil ? [document] : [] }

    public func run() async throws {
        guard let port = configuration.port else { return }
        try await ScrapeServer(host: configuration.host, port: port, document: document, context: context).run()
    }

    /// Whoever wants the metrics asks for them.
    public func export(_ batch: TelemetryBatch) async throws {}
}

/// The metrics as a document.
final class MetricsDocument: ServiceDocument {
    let path: String
    private let metrics: MetricSource
    private let logger: Logger
    private let options: ExpositionOptions
    private let refused = Mutex<Set<String>>([])  // protects the names that were told

    init(path: String, metrics: MetricSource, logger: Logger, options: ExpositionOptions) {
        self.path = path
        self.metrics = metrics
        self.logger = logger
        self.options = options
    }

    func content(for request: DocumentRequest) async -> DocumentContent {
        let format = ExpositionFormat.negotiated(request.accept)
        var writer = ExpositionWriter(format, options)
        let bytes = writer.write(metrics.collect()) { name in
            guard refused.withLock({ $0.insert(name).inserted }) else { return }
            logger.warning(
                "a metric is not shown: another of a different kind has its name", metadata: ["metric": "\(name)"])
        }
        guard request.takes(encoding: "gzip") else {
            return DocumentContent(type: format.contentType, bytes: bytes)
        }
        return DocumentContent(type: format.contentType, encoding: "gzip", bytes: Gzip.compressed(bytes))
    }
}
