import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

/// Takes no notice of time, nor of being cancelled.
private struct StuckExporter: ExporterPlugin {
    enum Fault { case start, export, metrics }

    /// How far it has come, and when it may end.
    final class Progress: Sendable {
        let calls = Atomic(0)
        let end = Latch()

        func hang() async { await OwnTask { [end] in try? await end.wait() }.value }
    }

    static let name = "stuck"
    static let summary = "Hangs."

    let fault: Fault
    let progress: Progress
    let context: PluginContext

    init(_ fault: Fault, _ progress: Progress, context: PluginContext) {
        (self.fault, self.progress, self.context) = (fault, progress, context)
    }

    init(_ configuration: NoSettings, context: PluginContext) throws { throw PluginError("not used") }

    func run() async throws {
        if fault == .start { progress.calls.add(1, ordering: .relaxed) } else { context.ready() }
        await progress.hang()
    }

    func export(_ batch: TelemetryBatch) async throws {
        progress.calls.add(1, ordering: .relaxed)
        if fault == .export || !batch.metrics.isEmpty { await progress.hang() }
    }
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

    @Test(
        "an exporter that takes no notice of anything ends the trial all the same, and what was taken is told",
        arguments: [
            ("start", ["has not started", "has not started", "has not started"]),
            ("export", ["no answer", "no answer", "no answer"]), ("metrics", ["taken", "no answer", "taken"]),
        ])
    func stuck(fault: String, words: [String]) async {
        let (time, progress, isDone) = (ManualTime(), StuckExporter.Progress(), Latch())
        let faults: [String: StuckExporter.Fault] = ["start": .start, "export": .export, "metrics": .metrics]
        async let moving: Void = {
            // Time stands still until all that can has come: else what is slow on this machine would be out of time.
            while progress.calls.load(ordering: .relaxed) < (fault == "start" ? 1 : 3) { await Task.yield() }
            while !isDone.isOpen {
                time.advance(by: .seconds(1))
                try? await SystemTime().sleep(for: .milliseconds(20))
            }
        }()
        let reports = await reports(time) { StuckExporter(faults[fault] ?? .start, progress, context: $0) }
        isDone.open()
        await moving
        progress.end.open()
        let told = reports.map { report in
            switch report.outcome {
            case .failed(let reason): reason
            case .taken: "taken"
            default: "\(report.outcome)"
            }
        }
        #expect(told.count == words.count && zip(told, words).allSatisfy { $0.hasPrefix($1) }, "\(told)")
    }
}
