/// Sends telemetry on.
///
/// The kernel keeps a bounded queue for each exporter and calls ``export(_:)`` from one task, so a slow exporter never
/// holds back a request or another exporter.
public protocol ExporterPlugin: Plugin {
    /// What the exporter is given, and when. Asked once, before anything is exported.
    var demand: TelemetryDemand { get }

    /// Background work; an exporter without any writes no `run()`.
    func run() async throws

    /// Sends one batch on. When it returns, the batch needs no further care.
    /// - Throws: When the batch could not be sent; the kernel counts it as dropped and says so.
    func export(_ batch: TelemetryBatch) async throws
}

extension ExporterPlugin {
    public static var kind: PluginKind { .exporter(Self.self) }
    public var demand: TelemetryDemand { TelemetryDemand() }
    public func run() async throws {}
}

/// What an exporter is given, and when.
public struct TelemetryDemand: Sendable, Equatable {
    /// What it takes; spans that no exporter takes are not even recorded.
    public var signals = TelemetrySignals.all
    /// How long a span or log record waits for company at most. Greater than zero.
    public var delay = Duration.seconds(1)
    /// Between two collections of all metrics; `nil` for none but the last one, at the end of the service.
    public var metricInterval: Duration? = .seconds(60)
    /// Most spans, and most log records, that wait; what comes beyond is dropped and counted.
    public var queueLimit = 2_048
    /// Most spans, and most log records, of one batch; that many are exported at once.
    public var batchLimit = 512

    public init() {}
}
