import Testing

@testable import OrderKernel

@Suite("Variables that name exporters, beside those of a profile")
struct NamingVariableTests {
    private struct JournalExporter: ExporterPlugin {
        static let name = "journal"
        static let summary = "Has signals too."

        init(_ configuration: SampleFile.Configuration, context: PluginContext) {}

        func export(_ batch: TelemetryBatch) async throws {}
    }

    private struct PrometheusExporter: ExporterPlugin {
        static let name = "prometheus"
        static let summary = "Has metrics alone."

        init(_ configuration: SampleConsole.Configuration, context: PluginContext) {}

        func export(_ batch: TelemetryBatch) async throws {}
    }

    private func warnings(_ exporters: String, _ environment: [String: String]) throws -> [String]? {
        let plugins: [any Plugin.Type] = [SampleFile.self, JournalExporter.self, PrometheusExporter.self]
        return try PlannedProfile(
            "telemetry: \(exporters)", environment: environment, plugins: SamplePlugins.all + plugins
        ).plan?.warnings
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
        #expect(try self.warnings(exporters, ["OTEL_TRACES_EXPORTER": "console"]) == warnings)
    }

    @Test("metrics that somebody else shows are told to be lost to one that would export them")
    func metrics() throws {
        let others = "OTEL_METRICS_EXPORTER=console, and the profile has others"
        #expect(
            try warnings("{file: , prometheus: }", ["OTEL_METRICS_EXPORTER": "console"])
                == ["file does not export metrics: \(others)"])
    }

    @Test("an exporter that is named, and has other signals of its own, exports nothing of it")
    func ownSignals() throws {
        let others = "OTEL_TRACES_EXPORTER=journal, and the profile gives it others"
        #expect(
            try warnings("{journal: {signals: [logs]}, file: }", ["OTEL_TRACES_EXPORTER": "journal"])
                == ["nobody exports traces: \(others)"])
    }

    @Test("none is no name")
    func none() throws {
        let environment = Dictionary(uniqueKeysWithValues: NamingVariables.exporters.map { ($0, "none") })
        #expect(try warnings("{file: }", environment) == [])
    }
}
