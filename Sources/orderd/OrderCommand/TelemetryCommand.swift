internal import ArgumentParser
internal import OrderKernel

/// `orderd telemetry`
struct TelemetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "telemetry", abstract: "Tries the exporters of a profile.", subcommands: [Test.self])

    /// `orderd telemetry test`
    struct Test: Verb {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract:
                "Sends one span, one metric and one log record through every exporter, and says what it answered.",
            discussion: """
                Ends with 0 when all of them were taken, and with 69 when one was not.

                Example:
                  orderd telemetry test --config config/order.yaml
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            let reading = try profile.read(for: plugins)
            guard let plan = reading.plan else {
                Terminal.error(reading.report.text)
                return .configuration
            }
            for warning in plan.warnings { Terminal.error("orderd: \(warning)") }
            let log = LogOutput(plan.logging, allowsColour: ProcessEnvironment.variables()["NO_COLOR"] == nil)
            let resource = TelemetryResource.attributes(
                serviceName: plan.service.name, version: orderdVersion, others: plan.recording.attributes)
            let trial = TelemetryTrial(plan: plan, resource: resource, log: log)
            let reports = await trial.run()
            let written = Terminal.output(Self.text(reports, trial.trace))
            guard written == .done else { return written }
            return reports.contains { $0.hasFailed } ? .unavailable : .done
        }

        private static func text(_ reports: [TelemetryTrial.Report], _ trace: TraceContext) -> String {
            guard !reports.isEmpty else { return "the profile has no exporter\n" }
            let width = reports.map(\.exporter.count).max() ?? 0
            let lines = reports.map { report in
                let padding = String(repeating: " ", count: width - report.exporter.count)
                let signal = report.signal + String(repeating: " ", count: "metrics".count - report.signal.count)
                return "\(report.exporter)\(padding)  \(signal)  \(report.text)\n"
            }
            return lines.joined() + "trace id: \(trace.traceIDText)\n"
        }
    }
}

extension TelemetryTrial.Report {
    fileprivate var hasFailed: Bool {
        if case .failed = outcome { true } else { false }
    }

    fileprivate var text: String {
        switch outcome {
        case .taken(let milliseconds): "taken in \(milliseconds) ms"
        case .notWanted: "not exported"
        case .failed(let reason): "FAILED: \(reason)"
        }
    }
}
