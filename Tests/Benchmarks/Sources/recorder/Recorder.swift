import OrderCommand
import OrderKernel
import SQLitePlugin

/// An orderd that times what recording costs: of a span, with an exporter that throws everything away, and of a
/// measurement.
///
///     recorder run --set telemetry.discard.signals=[traces,metrics]
@main
struct Recorder: Distribution {
    static let plugins: [any Plugin.Type] = [SQLiteStorage.self, RecorderTransport.self, DiscardExporter.self]
}

/// Takes spans and metrics, or one of them, and throws them away.
struct DiscardExporter: ExporterPlugin {
    static let name = "discard"
    static let summary = "Throws everything away."

    struct Configuration: PluginConfiguration {
        let signals: TelemetrySignals

        init(from settings: inout Settings) {
            signals = .read(from: &settings, exporter: DiscardExporter.name)
        }
    }

    private let configuration: Configuration

    init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
    }

    var demand: TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = configuration.signals
        demand.spans.delay = .milliseconds(5)
        return demand
    }

    func export(_ batch: TelemetryBatch) async throws {}
}
