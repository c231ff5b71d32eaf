internal import ArgumentParser
internal import OrderKernel

/// `orderd telemetry`
struct TelemetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "telemetry",
        abstract: "Tries the exporters of a profile.",
        discussion: """
            Example:
              \(Root.name) telemetry test
            """,
        subcommands: [Test.self])

    /// `orderd telemetry test`
    struct Test: Verb {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract:
                "Sends one span, one metric and one log record through every exporter, and says what it answered.",
            discussion: """
                Ends with 0 when all of them were taken, and with 69 when one was not.

                Example:
                  \(Root.name) telemetry test --config config/order.yaml
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try await profile.withPlan(for: plugins) { plan, _ in await test(plan) }
        }

        private func test(_ plan: ServicePlan) async -> ExitStatus {
            plan.tellWarnings()
            if let limits = plan.recording.limitsOfExports {
                Terminal.error("orderd: \(limits.cause), so `\(Root.name) run` exports \(limits.effect)")
            }
            let trial = TelemetryTrial(plan: plan, resource: plan.resource(), log: plan.logOutput())
            guard let width = trial.exporters.map(\.name.count).max() else {
                return Terminal.output("the profile has no exporter\n")
            }
            var written = ExitStatus.done
            var hasFailed = false
            // All at once, as one that is away takes long. Each is awaited below, in the profile's order: a task group
            // would hand them out as they end. Nothing cancels this command but the end of its process.
            let trials = trial.exporters.map { exporter in Task { await trial.reports(of: exporter) } }
            for running in trials {
                let reports = await running.value
                written = Terminal.output(reports.map { $0.line(width).withoutPasswords }.joined())
                guard written == .done else { return written }
                hasFailed = hasFailed || reports.contains(where: \.hasFailed)
            }
            written = Terminal.output("trace id: \(trial.trace.traceIDText)\n")
            return written == .done && hasFailed ? .unavailable : written
        }
    }
}

extension RecordingSettings {
    /// Why a run exports less than is tried here, and what it exports; `nil` where it exports as much.
    fileprivate var limitsOfExports: (cause: String, effect: String)? {
        if !isEnabled { return ("recording is off (recording.enabled)", "nothing") }
        let cause = "recording.sampler is \(sampler.rawValue)"
        return switch sampler {
        case .alwaysOff: (cause, "no spans")
        case .ratio where ratio == 0: ("recording.sampler_ratio is 0", "no spans")
        case .parentBasedAlwaysOff: (cause, "spans of those traces only that a caller records")
        default: nil
        }
    }
}

extension TelemetryTrial.Report {
    fileprivate var hasFailed: Bool {
        if case .failed = outcome { true } else { false }
    }

    /// - Parameter width: Of the longest exporter's name.
    fileprivate func line(_ width: Int) -> String {
        let padding = String(repeating: " ", count: width - exporter.count)
        let gap = String(repeating: " ", count: "metrics".count - signal.count)
        return "\(exporter)\(padding)  \(signal)\(gap)  \(text)\n"
    }

    private var text: String {
        switch outcome {
        case .taken(let milliseconds): "taken in \(milliseconds) ms"
        case .notWanted: "not exported"
        case .shownOnly: "shown when somebody asks, or when a run ends, so nothing was sent"
        case .failed(let reason): "FAILED: \(reason.printable)"
        }
    }
}
