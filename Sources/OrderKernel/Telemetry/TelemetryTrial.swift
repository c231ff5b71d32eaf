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
    private let time = SystemTime()
    /// Of the span that is sent, to look for.
    package let trace: TraceContext

    package init(plan: ServicePlan, resource: [TelemetryAttribute], log: LogOutput) {
        self.plan = plan
        self.resource = resource
        self.log = log
        trace = TraceSampler(.alwaysOn, ratio: 1).context(childOf: nil)
    }

    package var exporters: [PlannedPlugin<any ExporterPlugin>] { plan.exporters }

    /// Tries one exporter with all signals at once.
    package func reports(of planned: PlannedPlugin<any ExporterPlugin>) async -> [Report] {
        let logger = log.logger("exporter.\(planned.name)", telemetry: nil)
        let context = PluginContext.standalone(
            exporter: planned.name, of: Telemetry(resource: resource, time: time), logger: logger, time: time)
        @Sendable func report(_ name: String, _ outcome: Report.Outcome) -> Report {
            Report(exporter: planned.name, signal: name, outcome: outcome)
        }
        do {
            let exporter = try planned.make(context)
            // What sends nothing is not started: it may need a port that a running service has.
            if exporter.demand.sendsNothing {
                let signals = exporter.demand.signals
                return samples.map { report($0.name, signals.contains($0.signal) ? .shownOnly : .notWanted) }
            }
            let member = Layer.Member(
                name: "exporter.\(planned.name)", readiness: context.readiness, run: exporter.run)
            return try await Layer(members: [member], patience: .short(time, logger)).around {
                let samples = samples
                return await withTaskGroup(of: (Int, Report).self) { tasks in
                    for (number, (name, signal, batch)) in samples.enumerated() {
                        tasks.addTask { (number, report(name, await outcome(of: batch, signal, exporter))) }
                    }
                    return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
                }
            }
        } catch {
            return samples.map { report($0.name, .failed("\(error)")) }
        }
    }

    private func outcome(
        of batch: TelemetryBatch, _ signal: TelemetrySignals, _ exporter: any ExporterPlugin
    ) async -> Report.Outcome {
        let demand = exporter.demand
        guard demand.signals.contains(signal) else { return .notWanted }
        let start = time.now
        if let error = await exporter.export(batch, within: demand.timeout(of: signal), by: time) {
            return .failed("\(error)")
        }
        return .taken(milliseconds: (time.now - start).wholeNanoseconds / 1_000_000)
    }

    private var samples: [(name: String, signal: TelemetrySignals, batch: TelemetryBatch)] {
        let name = "orderd telemetry test"
        let now = TelemetryClock(time).now
        let span = SpanRecord(name: name, kind: .internal, context: trace, start: now, end: now)
        let metric = MetricReading(since: now, at: now).gauge(
            "orderd.telemetry.test", "Is 1 when `orderd telemetry test` has run.", .int(1))
        let record = LogRecord(time: now, level: .info, body: name, logger: "orderd", trace: trace)
        return [
            ("traces", .spans, TelemetryBatch(resource: resource, spans: [span])),
            ("metrics", .metrics, TelemetryBatch(resource: resource, metrics: [metric])),
            ("logs", .logs, TelemetryBatch(resource: resource, logs: [record])),
        ]
    }
}

extension TelemetryDemand {
    /// Whether nothing is handed over before the end: no signal at all, or metrics only, and none of them regularly.
    fileprivate var sendsNothing: Bool { signals.isEmpty || signals == .metrics && metricInterval == nil }

    fileprivate func timeout(of signal: TelemetrySignals) -> Duration {
        signal == .metrics ? metricTimeout : signal == .spans ? spans.timeout : logs.timeout
    }
}
