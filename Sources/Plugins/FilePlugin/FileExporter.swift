internal import Logging
internal import OTLPFormat
public import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// Writes telemetry into a file, a request of OTLP as JSON on each line, as OpenTelemetry's file exporter does.
///
/// A collector can read such files, and so can `jq`.
public final class FileExporter: ExporterPlugin {
    public static let name = "file"
    public static let summary = "Writes traces, metrics and logs into a file, as lines of OTLP in JSON."

    public struct Configuration: PluginConfiguration {
        let path: String
        let rotate: ByteCount
        let keep: Int
        let signals: TelemetrySignals
        let interval: Duration

        public init(from settings: inout Settings) {
            let path: SettingPath = settings.value(
                "path", default: SettingPath("telemetry.jsonl"), "File that is written to; what is there stays.")
            self.path = path.text
            rotate = settings.value(
                "rotate", default: .mebibytes(64),
                "Largest file; one that would grow beyond is put aside as PATH.1. A link or a device is left as it is.",
                in: .kibibytes(1) ... .gibibytes(1_024))
            keep = settings.value(
                "keep", default: 3, "Files that are kept aside: PATH.1 is the newest.", in: 0...1_000)
            signals = TelemetrySignals.read(from: &settings, exporter: FileExporter.name)
            interval = TelemetryDemand.metricInterval(from: &settings)
            settings.needs(.output(path.text), for: "path")
            for number in stride(from: 1, through: min(keep, 1_000), by: 1) {
                settings.needs(.output("\(path.text).\(number)"), for: "path")
            }
        }
    }

    private let configuration: Configuration
    private let context: PluginContext
    private let file: Mutex<RotatingFile?>  // protects the file, which `run` opens and closes

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
        self.file = Mutex(nil)
    }

    public var demand: TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = configuration.signals
        demand.spans.delay = .seconds(1)
        demand.metricInterval = configuration.interval
        return demand
    }

    public func run() async throws {
        let opened = try RotatingFile(configuration.path, largest: configuration.rotate.bytes, keep: configuration.keep)
        file.withLock { $0 = opened }
        context.ready()
        try? await gracefulShutdown()
        file.withLock { file in
            file?.close()
            file = nil
        }
    }

    public func export(_ batch: TelemetryBatch) async throws {
        let (requests, _) = OTLPRequest.requests(for: batch, .json, largest: .max)
        try file.withLock { file in
            guard file != nil else { throw ExportError("closed", "\(configuration.path) is not open") }
            for request in requests { try file?.append(line: request.bytes) }
        }
    }
}
