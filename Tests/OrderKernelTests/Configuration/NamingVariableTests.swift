import Testing

@testable import OrderKernel

@Suite("Variables that name exporters, beside those of a profile")
struct NamingVariableTests {
    private struct FileExporter: ExporterPlugin {
        static let name = "file"
        static let summary = "Has signals."

        struct Configuration: PluginConfiguration {
            let signals: TelemetrySignals

            init(from settings: inout Settings) {
                signals = TelemetrySignals.read(from: &settings, exporter: FileExporter.name)
            }
        }

        init(_ configuration: Configuration, context: PluginContext) {}

        func export(_ batch: TelemetryBatch) async throws {}
    }

    private struct JournalExporter: ExporterPlugin {
        static let name = "journal"
        static let summary = "Has signals too."

        typealias Configuration = FileExporter.Configuration

        init(_ configuration: Configuration, context: PluginContext) {}

        func export(_ batch: TelemetryBatch) async throws {}
    }

    private struct PrometheusExporter: ExporterPlugin {
        static let name = "prometheus"
        static let summary = "Has metrics alone."

        struct Configuration: PluginConfiguration {
            init(from settings: inout Settings) {}
        }

        init(_ configuration: Configuration, context: PluginContext) {}

        func export(_ batch: TelemetryBatch) async throws {}
    }

    private static let others = "OTEL_TRACES_EXPORTER=console, and the profile has others"

    @Test(
        "a name of an exporter that the profile lacks is told where somebody goes by it, or nobody is left",
        arguments: [
            ("{file: }", ["nobody exports traces: \(others)"]),
            ("{file: , prometheus: }", ["nobody exports traces: \(others)"]),
            ("{file: , file/logs: {signals: [logs]}}", ["nobody exports traces: \(others)"]),
            ("{file: , file/all: {signals: [traces]}}", ["file does not export traces: \(others)"]),
            ("{}", ["nobody exports traces: OTEL_TRACES_EXPORTER=console, and the profile has no exporter"]),
            ("{file: , file/b: , prometheus: }", ["nobody exports traces: \(others)"]), ("{file: , console: }", []),
            ("{file: {signals: [logs]}}", []), ("{prometheus: }", []),
        ])
    func traces(exporters: String, warnings: [String]) throws {
        let profile = try PlannedProfile(
            "telemetry: \(exporters)", environment: ["OTEL_TRACES_EXPORTER": "console"],
            plugins: SamplePlugins.all + [FileExporter.self, PrometheusExporter.self])
        #expect(profile.plan?.warnings == warnings)
    }

    @Test("metrics that somebody else shows are told to be lost to one that would export them")
    func metrics() throws {
        let profile = try PlannedProfile(
            "telemetry: {file: , prometheus: }", environment: ["OTEL_METRICS_EXPORTER": "console"],
            plugins: SamplePlugins.all + [FileExporter.self, PrometheusExporter.self])
        let others = "OTEL_METRICS_EXPORTER=console, and the profile has others"
        #expect(profile.plan?.warnings == ["file does not export metrics: \(others)"])
    }

    @Test("an exporter that is named, and has other signals of its own, exports nothing of it")
    func ownSignals() throws {
        let profile = try PlannedProfile(
            "telemetry: {journal: {signals: [logs]}, file: }", environment: ["OTEL_TRACES_EXPORTER": "journal"],
            plugins: SamplePlugins.all + [FileExporter.self, JournalExporter.self])
        let others = "OTEL_TRACES_EXPORTER=journal, and the profile gives it others"
        #expect(profile.plan?.warnings == ["nobody exports traces: \(others)"])
    }

    @Test("none is no name")
    func none() throws {
        let environment = Dictionary(uniqueKeysWithValues: NamingVariables.exporters.map { ($0, "none") })
        let profile = try PlannedProfile(
            "telemetry: {file: }", environment: environment, plugins: SamplePlugins.all + [FileExporter.self])
        #expect(profile.plan?.warnings == [])
    }
}
