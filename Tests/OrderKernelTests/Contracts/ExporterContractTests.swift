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

    @Test(
        "an exporter that demands what no queue can do breaks it",
        arguments: [
            "limit of 0", "-1 bytes", "0 bytes", "batches of 0", "delay of -1.0 seconds", "timeout of -1.0 seconds",
            "without a pause",
            "timeout of -1.0 seconds for metrics",
        ])
    func senseless(mistake: String) async throws {
        let rule = try #require(ExporterContract.rules.first { $0.description.contains("demands is possible") })
        let contract = ExporterContract { _ in RecordingExporter(demand: .senseless(mistake)) }
        let violations = await contract.violations(of: rule)
        #expect(violations.count == 1 && violations.first?.contains(mistake) == true, "\(violations)")
    }

    @Test("what an exporter demands for signals that it does not take is nobody's matter")
    func selective() async throws {
        let rule = try #require(ExporterContract.rules.first { $0.description.contains("demands is possible") })
        var demand = TelemetryDemand.senseless("limit of 0")
        demand.signals = .metrics
        await ExporterContract { [demand] _ in RecordingExporter(demand: demand) }.check(rule)
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

extension TelemetryDemand {
    /// One that cannot be done, for a reason.
    static func senseless(_ mistake: String) -> TelemetryDemand {
        var demand = TelemetryDemand()
        switch mistake {
        case "limit of 0": demand.spans.limit = 0
        case "-1 bytes": demand.spans.bytes = ByteCount(-1)
        case "0 bytes": demand.logs.bytes = ByteCount(0)
        case "batches of 0": demand.logs.batchLimit = 0
        case "delay of -1.0 seconds": demand.spans.delay = .seconds(-1)
        case "timeout of -1.0 seconds": demand.logs.timeout = .seconds(-1)
        case "without a pause": demand.metricInterval = .seconds(-1)
        default: demand.metricTimeout = .seconds(-1)
        }
        return demand
    }
}

/// Cannot start.
private struct FailingExporter: ExporterPlugin {
    static let name = "failing"
    static let summary = "Cannot start."

    init() {}
    init(_ configuration: NoSettings, context: PluginContext) {}

    func run() async throws { throw PluginError("cannot start") }
    func export(_ batch: TelemetryBatch) async throws {}
}
