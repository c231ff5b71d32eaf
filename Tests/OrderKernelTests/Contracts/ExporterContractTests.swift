import OrderKernel
import OrderKernelTesting
import Testing

@Suite("Exporter contract", .timeLimit(.minutes(5)))
struct ExporterContractTests {
    @Test("an exporter that keeps everything keeps it", arguments: ExporterContract.rules)
    func recording(rule: ExporterContract.Rule) async {
        await ExporterContract { _ in RecordingExporter() }.check(rule)
    }

    @Test("an exporter that refuses what it does not know breaks it")
    func refusing() async {
        let contract = ExporterContract { _ in
            RecordingExporter { batch in if !batch.logs.isEmpty { throw PluginError("no logs") } }
        }
        #expect(await contract.violations().count == 2)
    }

    @Test("an exporter whose batches never fill breaks it")
    func impossible() async {
        var demand = TelemetryDemand()
        demand.spans.batchLimit = demand.spans.limit + 1
        let violations = await ExporterContract { [demand] _ in RecordingExporter(demand: demand) }.violations()
        #expect(violations.count == 1)
    }

    @Test("an exporter that ends by itself with an error breaks it")
    func failing() async {
        let violations = await ExporterContract { _ in FailingExporter() }.violations()
        #expect(violations.count == ExporterContract.rules.count)
    }
}

/// Cannot start.
private struct FailingExporter: ExporterPlugin {
    static let name = "failing"
    static let summary = "Cannot start."

    init() {}
    init(_ configuration: InMemoryStorage.Configuration, context: PluginContext) {}

    func run() async throws { throw PluginError("cannot start") }
    func export(_ batch: TelemetryBatch) async throws {}
}
