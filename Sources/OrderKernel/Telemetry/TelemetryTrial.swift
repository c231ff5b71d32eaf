internal import Logging

/// Sends one span, one metric and one log record through every exporter of a profile, and tells what became of them.
package struct TelemetryTrial: Sendable {
    /// What became of one signal at one exporter.
    package struct Report: Sendable, Equatable {
        package enum Outcome: Sendable, Equatable {
            /// The exporter has sent it, or whatever it does with it.
            case taken(milliseconds: Int64)
            /// The exporter does not take the signal.
            case notWanted
            /// The exporter sends nothing while it runs: it shows metrics to whoever asks for them, or at the end.
            case shownOnly
            case failed(String)
        }

        /// Name of the exporter's instance.
        package let exporter: String
        /// `traces`, `metrics` or `logs`.
        package let signal: String
        package let outcome: Outcome
    }

    private let plan: ServicePlan
    private let resource: [TelemetryAttribute]
    private let log: LogOutput
    private let time: any TimeSource
    /// Of the span that is sent, to look for.
    package let trace: TraceContext

    package init(
        plan: ServicePlan, resource: [TelemetryAttribute], log: LogOutput, time: any TimeSource = SystemTime()
    ) {
        self.plan = plan
        self.time = time
        self.resource = resource
        self.log = log
        trace = TraceSampler(.alwaysOn, ratio: 1).context(childOf: nil)
    }

    package var exporters: [PlannedPlugin<any ExporterPlugin>] { plan.exporters }

    /// How long an exporter may take to start.
    private static let longestStart = Duration.seconds(20)

    /// Tries one exporter with all signals at once. What takes no notice of time is left behind.
    package func reports(of planned: PlannedPlugin<any ExporterPlugin>) async -> [Report] {
        let logger = log.logger("exporter.\(planned.name)", telemetry: nil)
        let context = PluginContext.standalone(
            exporter: planned.name, of: Telemetry(resource: resource, time: time), logger: logger, time: time)
        do {
            let exporter = try planned.make(context)
            let demand = exporter.demand
            // What sends nothing is not started: it may need a port that a running service has.
            if demand.sendsNothing {
                return reports(planned.name) { demand.signals.contains($0) ? .shownOnly : .notWanted }
            }
            let trial = OwnTask { await reports(of: exporter, planned.name, context.readiness, logger) }
            let start = OwnTask { await Self.start(of: context.readiness, or: trial) }
            if await start.ends(within: Self.longestStart, by: time) { return await trial.value }
            trial.cancel()
            _ = await trial.value  // it leaves behind what does not heed that
            return reports(planned.name) { _ in
                .failed("has not started within \(Self.longestStart.settingText)")
            }
        } catch {
            return reports(planned.name) { _ in .failed("\(error)") }
        }
    }

    private func reports(_ exporter: String, _ outcome: (TelemetrySignals) -> Report.Outcome) -> [Report] {
        Self.signals.map { Report(exporter: exporter, signal: $0.name, outcome: outcome($0.signal)) }
    }

    /// Waits until an exporter has started, or the trial has ended without that.
    private static func start(of readiness: Readiness.Entry, or trial: OwnTask<[Report]>) async {
        await firstToEnd {
            try? await readiness.settled.wait()
        } or: {
            _ = try? await trial.valueUnlessCancelled()
        }
    }

    private func reports(
        of exporter: any ExporterPlugin, _ name: String, _ readiness: Readiness.Entry, _ logger: Logger
    ) async -> [Report] {
        let member = Layer.Member(name: "exporter.\(name)", readiness: readiness, run: exporter.run)
        do {
            return try await Layer(members: [member], patience: .short(time, logger)).around {
                await withTaskGroup(of: (Int, Report).self) { tasks in
                    for (number, (signal, kind)) in Self.signals.enumerated() {
                        tasks.addTask {
                            (number, Report(exporter: name, signal: signal, outcome: await outcome(of: kind, exporter)))
                        }
                    }
                    return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
                }
            }
        } catch {
            return reports(name) { _ in .failed("\(error)") }
        }
    }

    private func outcome(of signal: TelemetrySignals, _ exporter: any ExporterPlugin) async -> Report.Outcome {
        let demand = exporter.demand
        guard demand.signals.contains(signal) else { return .notWanted }
        let start = time.now
        let timeout = ExportTimeout.limit(demand.timeout(of: signal))
        let export = OwnTask { await exporter.export(sample(of: signal), within: timeout, by: time) }
        guard await export.ends(within: timeout + Patience.afterCancellation, by: time) else {
            return .failed("no answer within \(timeout.settingText), and it takes no notice of being cancelled")
        }
        if let error = await export.value { return .failed("\(error)") }
        return .taken(milliseconds: (time.now - start).wholeNanoseconds / 1_000_000)
    }

    private static let signals: [(name: String, signal: TelemetrySignals)] = [
        ("traces", .spans), ("metrics", .metrics), ("logs", .logs),
    ]

    private func sample(of signal: TelemetrySignals) -> TelemetryBatch {
        let name = "orderd telemetry test"
        let now = TelemetryClock(time).now
        switch signal {
        case .spans:
            let span = SpanRecord(name: name, kind: .internal, context: trace, start: now, end: now)
            return TelemetryBatch(resource: resource, spans: [span])
        case .metrics:
            let metric = MetricReading(since: now, at: now).gauge(
                "orderd.telemetry.test", "Is 1 when `orderd telemetry test` has run.", .int(1))
            return TelemetryBatch(resource: resource, metrics: [metric])
        default:
            let record = LogRecord(time: now, level: .info, body: name, logger: "orderd", trace: trace)
            return TelemetryBatch(resource: resource, logs: [record])
        }
    }
}

extension TelemetryDemand {
    /// Whether nothing is handed over before the end: no signal at all, or metrics only, and none of them regularly.
    fileprivate var sendsNothing: Bool { signals.isEmpty || signals == .metrics && metricInterval == nil }

    fileprivate func timeout(of signal: TelemetrySignals) -> Duration {
        signal == .metrics ? metricTimeout : signal == .spans ? spans.timeout : logs.timeout
    }
}
