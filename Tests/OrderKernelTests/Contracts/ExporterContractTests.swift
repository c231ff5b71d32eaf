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

    @Test("an exporter that takes longer than it demands breaks it, and does not hold up its test")
    func slow() async throws {
        var demand = TelemetryDemand()
        demand.spans.timeout = .milliseconds(50)
        let contract = ExporterContract { [demand] _ in
            RecordingExporter(demand: demand) { _ in try await Latch().wait() }
        }
        let rule = try #require(ExporterContract.rules.first { $0.description == "it takes a span" })
        #expect(
            await contract.violations(of: rule) == ["failed with an export that has not ended within 0.05 seconds"])
    }

    @Test("an exporter that goes on when it is cancelled breaks it")
    func stubborn() async throws {
        let end = Latch()
        defer { end.open() }
        let contract = ExporterContract { _ in
            RecordingExporter { _ in await Task { try? await end.wait() }.value }
        }
        let rule = try #require(ExporterContract.rules.first { $0.description.contains("cancelled") })
        #expect(await contract.violations(of: rule) == ["goes on 5.0 seconds later"])
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
