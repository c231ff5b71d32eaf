import OrderCommand
import OrderKernel
import SQLitePlugin

/// An orderd that times what recording costs: of a span, with an exporter that throws everything away, and of a
/// measurement.
///
///     recorder run --set telemetry.discard={}
@main
struct Recorder: Distribution {
    static let plugins: [any Plugin.Type] = [SQLiteStorage.self, RecorderTransport.self, DiscardExporter.self]
}

/// Takes spans and throws them away.
struct DiscardExporter: ExporterPlugin {
    static let name = "discard"
    static let summary = "Throws everything away."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) {}
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    var demand: TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = .spans
        demand.spans.delay = .milliseconds(5)
        demand.spans.limit = 4_096
        demand.spans.batchLimit = 4_096
        return demand
    }

    func export(_ batch: TelemetryBatch) async throws {}
}
