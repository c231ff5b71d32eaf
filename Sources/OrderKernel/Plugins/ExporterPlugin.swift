/// Sends telemetry on.
///
/// The kernel keeps a bounded queue for each exporter and calls ``export(_:)`` from one task, so a slow exporter never
/// holds back a request or another exporter.
public protocol ExporterPlugin: Plugin {
    /// Background work; an exporter without any writes no `run()`.
    func run() async throws

    /// Sends one batch on. When it returns, the batch needs no further care.
    /// - Throws: When the batch could not be sent; the kernel counts it as dropped and says so.
    func export(_ batch: TelemetryBatch) async throws
}

extension ExporterPlugin {
    public static var kind: PluginKind { .exporter(Self.self) }
    public func run() async throws {}
}
