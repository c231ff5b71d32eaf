import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

/// Takes no notice of time, nor of being cancelled.
private struct StuckExporter: ExporterPlugin {
    enum Fault { case start, export }

    static let name = "stuck"
    static let summary = "Hangs."

    let fault: Fault
    let end: Latch
    let context: PluginContext?

    init(_ fault: Fault, end: Latch, context: PluginContext) {
        (self.fault, self.end, self.context) = (fault, end, context)
    }

    init(_ configuration: NoSettings, context: PluginContext) throws { throw PluginError("not used") }

    func run() async throws {
        if fault == .start { return await hang() }
        context?.ready()
        await hang()
    }

    func export(_ batch: TelemetryBatch) async throws { await hang() }

    private func hang() async { await OwnTask { [end] in try? await end.wait() }.value }
}

@Suite("TelemetryTrial", .timeLimit(.minutes(5)))
struct TelemetryTrialTests {
    private let log = LogOutput(LoggingSettings(level: .critical, format: .json), allowsColour: false)

    private func reports(
        _ time: any TimeSource, _ make: @escaping @Sendable (PluginContext) -> any ExporterPlugin
    ) async -> [TelemetryTrial.Report] {
        let exporter = PlannedPlugin<any ExporterPlugin>(name: "one", make: make)
        let plan = ServicePlan(
            service: ServiceSettings(name: "test", shutdownDelay: .zero, shutdownGrace: .seconds(1)), rules: .standard,
            logging: LoggingSettings(level: .critical, format: .json),
            storage: PlannedPlugin(name: "memory") { _ in InMemoryStorage() }, transports: [], servesOn: true,
            exporters: [exporter], middleware: [])
        return await TelemetryTrial(plan: plan, resource: [], log: log, time: time).reports(of: exporter)
    }

    @Test("every signal is sent once")
    func taken() async {
        let exporter = RecordingExporter()
        let reports = await reports(SystemTime()) { _ in exporter }
        #expect(reports.map(\.signal) == ["traces", "metrics", "logs"])
        #expect(reports.allSatisfy { if case .taken = $0.outcome { true } else { false } })
        #expect(exporter.spans.count == 1 && exporter.metrics.count == 1 && exporter.logs.count == 1)
    }

    @Test("an exporter that takes no notice of anything ends the trial all the same", arguments: [true, false])
    func stuck(atStart: Bool) async {
        let (time, end, isDone) = (ManualTime(), Latch(), Latch())
        let trial = Task {
            defer { isDone.open() }
            return await reports(time) { StuckExporter(atStart ? .start : .export, end: end, context: $0) }
        }
        while !isDone.isOpen {
            time.advance(by: .seconds(10))
            try? await Task.sleep(for: .milliseconds(5))
        }
        for report in await trial.value {
            guard case .failed(let reason) = report.outcome else {
                Issue.record("\(report)")
                continue
            }
            #expect(reason.contains("takes no notice of that"))
        }
        end.open()
    }
}
