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
        self.resource = resource
        self.log = log
        self.time = time
        trace = TraceSampler(.alwaysOn, ratio: 1).context(childOf: nil)
    }

    /// Tries one exporter after another.
    package func run() async -> [Report] {
        var reports: [Report] = []
        for planned in plan.exporters { reports += await self.reports(of: planned) }
        return reports
    }

    private func reports(of planned: PlannedPlugin<any ExporterPlugin>) async -> [Report] {
        let readiness = Readiness(time: time).add(kind: "exporter", name: planned.name)
        let logger = log.logger("exporter.\(planned.name)", telemetry: nil)
        let source = MetricSource(Telemetry(resource: resource, time: time))
        let context = PluginContext(
            instance: planned.name, logger: logger, time: time, metrics: source, readiness: readiness)
        do {
            let exporter = try planned.make(context)
            let member = Layer.Member(name: planned.name, readiness: readiness, run: exporter.run)
            return try await Layer(members: [member], logger: logger, closesWithin: .seconds(5)).around {
                var reports: [Report] = []
                for (name, signal, batch) in samples {
                    let outcome = await outcome(of: batch, signal, exporter)
                    reports.append(Report(exporter: planned.name, signal: name, outcome: outcome))
                }
                return reports
            }
        } catch {
            return samples.map { Report(exporter: planned.name, signal: $0.name, outcome: .failed("\(error)")) }
        }
    }

    private func outcome(
        of batch: TelemetryBatch, _ signal: TelemetrySignals, _ exporter: any ExporterPlugin
    ) async -> Report.Outcome {
        guard exporter.demand.signals.contains(signal) else { return .notWanted }
        let start = time.now
        do {
            try await exporter.export(batch)
            return .taken(milliseconds: (time.now - start).wholeNanoseconds / 1_000_000)
        } catch {
            return .failed("\(error)")
        }
    }

    private var samples: [(name: String, signal: TelemetrySignals, batch: TelemetryBatch)] {
        let name = "orderd telemetry test"
        let now = TelemetryClock(time).now
        let span = SpanRecord(name: name, kind: .internal, context: trace, start: now, end: now)
        let point = MetricRecord.Point(attributes: [], start: now, time: now, value: MetricRecord.Number.int(1))
        let metric = MetricRecord(
            name: "orderd.telemetry.test", description: "Is 1 when `orderd telemetry test` has run.",
            data: .gauge([point]))
        let record = LogRecord(time: now, level: .info, body: name, logger: "orderd", trace: trace)
        return [
            ("traces", .spans, TelemetryBatch(resource: resource, spans: [span])),
            ("metrics", .metrics, TelemetryBatch(resource: resource, metrics: [metric])),
            ("logs", .logs, TelemetryBatch(resource: resource, logs: [record])),
        ]
    }
}
