import Logging
import OrderKernelTesting
import Testing

@testable import OrderKernel

@Suite("What an exporter demands", .timeLimit(.minutes(5)))
struct ExporterDemandTests {
    @Test(
        "a demand that no queue can do ends the start, with the exporter's name",
        arguments: [
            ("limit of 0", "a limit of 0 for spans"), ("batches of 0", "batches of 0 for log records"),
            ("delay of -1.0 seconds", "a delay of -1.0 seconds for spans"),
        ])
    func senseless(mistake: String, words: String) async throws {
        let plan = ServicePlan(
            service: ServiceSettings(name: "test", shutdownDelay: .zero, shutdownGrace: .seconds(1)), rules: .standard,
            logging: LoggingSettings(level: .info, format: .json),
            storage: PlannedPlugin(name: "memory") { _ in InMemoryStorage() }, transports: [], servesOn: true,
            exporters: [
                PlannedPlugin(name: "good") { _ in RecordingExporter() },
                PlannedPlugin(name: "bad") { _ in RecordingExporter(demand: .senseless(mistake)) },
            ], middleware: [])
        let application = OrderApplication(
            plan: plan, telemetry: Telemetry(),
            log: LogOutput(LoggingSettings(level: .critical, format: .json), allowsColour: false))
        let fault = try await #require(throws: PluginFault.self) { _ = try await application.run(until: Latch()) }
        #expect(fault.description == "exporter.bad: demands what cannot be: \(words)")
        #expect(fault.error is PluginError)
    }
}
