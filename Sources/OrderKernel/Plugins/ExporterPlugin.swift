/// Sends telemetry on.
///
/// The kernel keeps bounded queues for each exporter and calls ``export(_:)`` from one task for each signal, so a slow
/// exporter never holds back a request or another exporter.
public protocol ExporterPlugin: Plugin {
    /// What the exporter is given, and when. Asked once, before anything is exported.
    var demand: TelemetryDemand { get }

    /// Background work; an exporter without any writes no `run()`.
    func run() async throws

    /// Sends one batch on: spans, or metrics, or log records. When it returns, the batch needs no further care.
    ///
    /// Ends soon when its task is cancelled. A wait between two attempts also ends when graceful shutdown begins.
    /// - Throws: ``ExportError``, or any other error, when some of the batch could not be sent; the kernel counts it
    ///   and says so.
    func export(_ batch: TelemetryBatch) async throws
}

extension ExporterPlugin {
    public static var kind: PluginKind { .exporter(Self.self) }
    public var demand: TelemetryDemand { TelemetryDemand() }
    public func run() async throws {}
}

/// Why a batch, or a part of it, could not be exported.
public struct ExportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Short identifier of low cardinality: `503`, `UNAVAILABLE`, `timeout`.
    public let reason: String
    /// What happened, for the log.
    public let detail: String
    /// How many records were lost; `nil` for all of the batch.
    public let lost: Int?
    /// Whether nobody has any of the batch, and somebody may take it later.
    public let isPassing: Bool

    /// - Parameter isPassing: Has the kernel hand over the same batch again, until the service ends; what is recorded
    ///   meanwhile waits in the queue.
    public init(_ reason: String, _ detail: String, lost: Int? = nil, isPassing: Bool = false) {
        self.reason = reason
        self.detail = detail
        self.lost = lost
        self.isPassing = isPassing && lost == nil
    }

    public var description: String { "\(reason): \(detail)" }
}

/// What an exporter is given, and when.
public struct TelemetryDemand: Sendable, Equatable {
    /// How records wait for their export.
    public struct Queue: Sendable, Equatable {
        /// How long a record waits for company at most; zero for not at all.
        public var delay: Duration
        /// Most records that wait; what comes beyond is dropped and counted.
        public var limit = 2_048
        /// Most bytes that what waits holds in memory, roughly.
        public var bytes = ByteCount.mebibytes(16)
        /// Most records of one batch; that many are exported at once.
        public var batchLimit = 512
        /// How long one export may take before it is given up; zero for as long as it takes, up to an hour.
        public var timeout = Duration.seconds(30)
        /// What OpenTelemetry's conventions call the way that it is sent, such as `otlp_grpc`; `nil` for the plugin's
        /// name.
        public var protocolName: String?

        /// A queue with limits that suit most exporters.
        public init(delay: Duration) {
            self.delay = delay
        }
    }

    /// What it takes; spans that no exporter takes are not even recorded.
    public var signals = TelemetrySignals.all
    /// How spans wait.
    public var spans = Queue(delay: .seconds(5))
    /// How log records wait.
    public var logs = Queue(delay: .seconds(1))
    /// Between two collections of all metrics, greater than zero, or a second is taken; `nil` for none but the last
    /// one, at the end of the service.
    public var metricInterval: Duration? = .seconds(60)
    /// Whether metrics are exported once more at the end of the service; not where somebody comes and asks for them.
    public var exportsLastMetrics = true
    /// How long one export of the metrics may take before it is given up; zero for as long as it takes, up to an hour.
    public var metricTimeout = Duration.seconds(30)
    /// As ``Queue/protocolName``, for metrics.
    public var metricProtocolName: String?

    public init() {}
}
