import OrderKernel

/// Plugins of every kind with settings of every type; none of them does anything.
enum SamplePlugins {
    static let all: [any Plugin.Type] = [
        SampleStorage.self, OtherStorage.self, SampleHTTP.self, SampleLines.self, SampleConsole.self, SampleOTLP.self,
        SampleLimit.self,
    ]
}

struct SampleStorage: StoragePlugin {
    static let name = "sqlite"
    static let summary = "Keeps orders in one file."

    struct Configuration: PluginConfiguration {
        let path: SettingPath
        let readers: Int

        init(from settings: inout Settings) {
            path = settings.value(
                "path", default: SettingPath("orders.db"), "File that holds the orders.")
            readers = settings.value("readers", default: 4, "Connections kept for reading.", in: 1...64)
            settings.needs(.output(path.text), for: "path")
        }
    }

    let configuration: Configuration

    init(_ configuration: Configuration, context: PluginContext) { self.configuration = configuration }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] { [] }
    func order(_ id: Order.ID, before: Instant) async throws(StorageError) -> Order? { nil }
    func orders(_ query: OrderQuery, before: Instant) async throws(StorageError) -> [Order] { [] }
}

struct OtherStorage: StoragePlugin {
    static let name = "postgres"
    static let summary = "Keeps orders on a server."

    struct Configuration: PluginConfiguration {
        let url: ServiceURL
        let password: Secret

        init(from settings: inout Settings) {
            url = settings.required("url", "Where the server is.", environment: "DATABASE_URL")
            password = settings.required("password", "Password of the role.")
            settings.check("url", holds: url.scheme != "ftp", "is of another scheme")
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] { [] }
    func order(_ id: Order.ID, before: Instant) async throws(StorageError) -> Order? { nil }
    func orders(_ query: OrderQuery, before: Instant) async throws(StorageError) -> [Order] { [] }
}

struct SampleHTTP: TransportPlugin {
    static let name = "http"
    static let summary = "Serves orders over HTTP."

    enum Version: String, ChoiceValue { case http1, http2, off }

    struct TLS: PluginConfiguration {
        let certificate: SettingPath

        init(from settings: inout Settings) {
            certificate = settings.required("certificate", "File with the certificate.")
        }
    }

    struct Rule: PluginConfiguration {
        let match: String
        let weight: Double

        init(from settings: inout Settings) {
            match = settings.required("match", "What it is for.")
            weight = settings.value("weight", default: 0.5, "How much it counts.", in: 0...1)
        }
    }

    struct Configuration: PluginConfiguration {
        let host: String
        let port: Int
        let protocols: [Version]
        let mode: Version
        let timeout: Duration
        let limits: (body: ByteCount, most: ByteCount)
        let isQuiet: Bool
        let token: Secret?
        let tls: TLS?
        let proxy: String?
        let rules: [Rule]
        let peers: [String: Rule]
        let names: [String: Int]

        init(from settings: inout Settings) {
            host = settings.value("host", default: "127.0.0.1", "Address to listen on.", environment: "HOST")
            port = settings.value("port", default: 5_000, "TCP port.", in: 0...65_535, environment: "PORT")
            protocols = settings.list("protocols", default: [.http1], "Protocols that are spoken.")
            mode = settings.value("mode", default: .http1, "Preferred protocol.")
            timeout = settings.value(
                "timeout", default: .seconds(10), "Longest wait.", in: .milliseconds(1) ... .seconds(60))
            let body = settings.value("max_body", default: ByteCount.mebibytes(1), "Largest body.")
            let most = settings.value("max_buffered", default: ByteCount.mebibytes(64), "Bytes of bodies in all.")
            limits = (body, most)
            settings.check("max_body", "max_buffered", holds: body <= most, "is more than max_buffered")
            isQuiet = settings.value("quiet", default: false, "Whether nothing is logged.")
            token = settings.optional("token", "Who may ask.")
            tls = settings.optionalSection("tls", "Encryption.")
            proxy = settings.optional("proxy", "Where requests come through.", environment: "PROXY")
            rules = settings.sections("rules", "Rules, the first that matches counts.")
            peers = settings.instances("peers", "Rules by peer.")
            names = settings.map("names", default: [:], "Numbers by name.")
            settings.needs(.port(port, host: host), for: "port")
        }
    }

    let configuration: Configuration

    init(_ configuration: Configuration, context: PluginContext) { self.configuration = configuration }

    func run(serving service: OrderService) async throws -> TransportEnd { .complete }
}

struct SampleLines: TransportPlugin {
    static let name = "json_lines"
    static let summary = "Reads orders line by line."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) {
            let input = settings.value("input", default: "-", "File of lines.")
            settings.needs(.input(input), for: "input")
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func run(serving service: OrderService) async throws -> TransportEnd { .complete }
}

struct SampleConsole: ExporterPlugin {
    static let name = "console"
    static let summary = "Prints telemetry."

    init(_ configuration: NoSettings, context: PluginContext) {}

    func export(_ batch: TelemetryBatch) async throws {}
}

/// Goes by the variables that name exporters. Not among ``SamplePlugins/all``.
struct SampleFile: ExporterPlugin {
    static let name = "file"
    static let summary = "Writes telemetry to a file."

    struct Configuration: PluginConfiguration {
        let signals: TelemetrySignals

        init(from settings: inout Settings) { signals = .read(from: &settings, exporter: SampleFile.name) }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func export(_ batch: TelemetryBatch) async throws {}
}

struct SampleOTLP: ExporterPlugin {
    static let name = "otlp"
    static let summary = "Sends telemetry to a collector."
    static let stability = PluginStability.experimental

    struct Configuration: PluginConfiguration {
        let endpoint: ServiceURL
        let headers: [String: Secret]

        init(from settings: inout Settings) {
            endpoint = settings.required("endpoint", "Where the collector is.")
            headers = settings.map("headers", default: [:], "Headers of each request.")
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func export(_ batch: TelemetryBatch) async throws {}
}

struct SampleLimit: MiddlewarePlugin {
    static let name = "rate_limit"
    static let summary = "Refuses what comes too fast."

    struct Configuration: PluginConfiguration {
        let perSecond: Int

        init(from settings: inout Settings) {
            perSecond = settings.required("per_second", "Requests per second.", in: 1...100_000)
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}
