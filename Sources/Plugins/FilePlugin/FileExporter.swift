internal import BlockingThreads
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
            settings.check("path", holds: path.text != "-", "must be the path of a file; standard output is none")
            rotate = settings.value(
                "rotate", default: .mebibytes(64),
                """
                Size that the file keeps to, but for one line that is larger: before it would grow beyond, it is put \
                aside as PATH.1. A link or a device is left as it is.
                """,
                in: .kibibytes(1) ... .gibibytes(1_024))
            keep = settings.value(
                "keep", default: 3, "Files that are kept aside: PATH.1 is the newest.", in: 0...1_000)
            signals = TelemetrySignals.read(from: &settings, exporter: FileExporter.name)
            interval = TelemetryDemand.metricInterval(from: &settings)
            settings.needs(.output(path.text), for: "path")
            for number in stride(from: 1, through: keep, by: 1) {
                settings.needs(.output("\(path.text).\(number)"), for: "path")
            }
        }
    }

    private let configuration: Configuration
    private let context: PluginContext
    private let writer: Mutex<Writer?>  // protects what `run` opens and closes

    /// The file, and the thread that writes: a pipe's reader may be slow.
    private final class Writer: Sendable {
        private let file: Mutex<RotatingFile>  // protects the file; never contended, as one thread writes
        private let threads: WorkerThreads

        init(_ file: RotatingFile) throws(PluginError) {
            do throws(PluginError) {
                threads = try WorkerThreads(1, limit: 64)
            } catch {
                file.close()
                throw error
            }
            self.file = Mutex(file)
        }

        /// - Throws: ``ExportError``.
        func append(_ lines: [[UInt8]]) async throws {
            let result = await threads.run { [self] in
                Result { try file.withLock { file in for line in lines { try file.append(line: line) } } }
            }
            guard let result else { throw ExportError("busy", "too many lines wait to be written") }
            try result.get()
        }

        func close() async {
            await threads.close()
            file.withLock { $0.close() }
        }
    }

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
        self.writer = Mutex(nil)
    }

    public var demand: TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = configuration.signals
        demand.spans.delay = .seconds(1)
        demand.metricInterval = configuration.interval
        return demand
    }

    public func run() async throws {
        let opened = try Writer(
            RotatingFile(configuration.path, largest: configuration.rotate.bytes, keep: configuration.keep))
        writer.withLock { $0 = opened }
        context.ready()
        try? await gracefulShutdown()
        writer.withLock { $0 = nil }
        await opened.close()
    }

    public func export(_ batch: TelemetryBatch) async throws {
        let (requests, _) = OTLPRequest.requests(for: batch, .json, largest: .max)
        guard let writer = writer.withLock({ $0 }) else {
            throw ExportError("closed", "\(configuration.path) is not open")
        }
        try await writer.append(requests.map(\.bytes))
    }
}
