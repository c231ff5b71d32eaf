internal import ArgumentParser
internal import Glibc
internal import Logging
internal import Metrics
internal import OrderKernel
internal import Tracing

/// `orderd run`
struct RunCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the service of a profile, until its input ends or a signal stops it.",
        discussion: """
            Example:
              \(Root.name) run --config config/orderd.yaml --set transport.http.port=8080
              \(Root.name) run --config config/batch.yaml < examples/orders.jsonl > results.jsonl
            """)

    @OptionGroup var profile: ProfileOptions

    func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
        try await profile.withPlan(for: plugins) { plan, reading in
            let stop = Latch()
            do throws(PluginError) { try StopSignals.open(stop) } catch { return .telling(error) }
            return await run(plan, named: reading.name, until: stop)
        }
    }

    /// Makes what any library logs, measures and traces go where the service's own goes.
    private static func install(_ telemetry: Telemetry, _ log: LogOutput) {
        LoggingSystem.bootstrap { log.handler($0, telemetry: telemetry) }
        MetricsSystem.bootstrap(TelemetryMetricsFactory(telemetry))
        InstrumentationSystem.bootstrap(TelemetryTracer(telemetry))
    }

    /// Whether standard input is a plain file, which nobody has by chance.
    private static var hasFileAsInput: Bool {
        var status = stat()
        return fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func run(_ plan: ServicePlan, named name: String, until stop: Latch) async -> ExitStatus {
        let log = plan.logOutput()
        let telemetry = Telemetry(resource: plan.resource(), recording: plan.recording, log: log)
        telemetry.describeBuild(version: orderdVersion)
        Self.install(telemetry, log)
        let logger = log.logger("orderd", telemetry: telemetry)
        for warning in plan.warnings { logger.warning("configuration", metadata: ["warning": "\(warning)"]) }
        if let short = DescriptorLimit.raise(for: plan) {
            logger.warning("too few open files", metadata: ["limit": "\(short.limit)", "asked": "\(short.asked)"])
        }
        if !plan.readsStandardInput, Self.hasFileAsInput {
            logger.warning(
                "nothing reads standard input", metadata: ["hint": "a batch of lines needs the transport json_lines"])
        }
        logger.info("starting", metadata: ["profile": "\(name)", "version": "\(orderdVersion)"])
        do {
            let end = try await OrderApplication(plan: plan, telemetry: telemetry, log: log).run(until: stop)
            logger.info("stopped")
            return ExitStatus(end)
        } catch {
            return .telling(error)
        }
    }
}
