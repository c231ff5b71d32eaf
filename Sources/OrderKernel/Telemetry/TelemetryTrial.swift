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

    /// How long an exporter may take to start, and to stop, besides what it says of its exports.
    private static let patience = Duration.seconds(20)

    /// Tries one exporter with all signals at once. One that takes no notice of time is left behind.
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
            let attempt = OwnTask { await reports(of: exporter, planned.name, context.readiness, logger) }
            let limit = demand.longestTimeout + Self.patience
            if await attempt.ends(within: limit, by: time) { return await attempt.value }
            attempt.cancel()
            return reports(planned.name) { _ in
                .failed("has not started, or not answered, within \(limit.settingText), and takes no notice of that")
            }
        } catch {
            return reports(planned.name) { _ in .failed("\(error)") }
        }
    }

    private func reports(_ exporter: String, _ outcome: (TelemetrySignals) -> Report.Outcome) -> [Report] {
        samples.map { Report(exporter: exporter, signal: $0.name, outcome: outcome($0.signal)) }
    }

    private func reports(
        of exporter: any ExporterPlugin, _ name: String, _ readiness: Readiness.Entry, _ logger: Logger
    ) async -> [Report] {
        let member = Layer.Member(name: "exporter.\(name)", readiness: readiness, run: exporter.run)
        do {
            return try await Layer(members: [member], patience: .short(time, logger)).around {
                await withTaskGroup(of: (Int, Report).self) { tasks in
                    for (number, (signal, kind, batch)) in samples.enumerated() {
                        tasks.addTask {
                            let outcome = await outcome(of: batch, kind, exporter)
                            return (number, Report(exporter: name, signal: signal, outcome: outcome))
                        }
                    }
                    return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
                }
            }
        } catch {
            return reports(name) { _ in .failed("\(error)") }
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

    /// Of the signals that it takes; an hour stands for no limit.
    fileprivate var longestTimeout: Duration {
        let all: [TelemetrySignals] = [.spans, .metrics, .logs]
        let timeouts = all.filter { signals.contains($0) }.map { timeout(of: $0) }
        return timeouts.contains(.zero) ? .seconds(3_600) : timeouts.max() ?? .zero
    }

    fileprivate func timeout(of signal: TelemetrySignals) -> Duration {
        signal == .metrics ? metricTimeout : signal == .spans ? spans.timeout : logs.timeout
    }
}
