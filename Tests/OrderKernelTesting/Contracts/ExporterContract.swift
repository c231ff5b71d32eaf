internal import Logging
public import OrderKernel

/// What every exporter has to do, as checks that a plugin's own tests run.
///
/// ```swift
/// @Test("it keeps the contract of every exporter", arguments: ExporterContract.rules)
/// func keeps(_ rule: ExporterContract.Rule) async {
///     await ExporterContract { MyExporter(try .init(yaml: ""), context: $0) }.check(rule)
/// }
/// ```
public struct ExporterContract: Contract {
    private let make: @Sendable (PluginContext) throws -> any ExporterPlugin

    /// - Parameter make: Makes an exporter, opening nothing yet. Where it sends to is there, and takes what comes.
    public init(make: @escaping @Sendable (PluginContext) throws -> any ExporterPlugin) {
        self.make = make
    }

    public static let rules: [Rule] =
        batches.map { name, batch in
            Rule("it takes \(name)") { contract, _ in
                try await contract.running { exporter in for _ in 0..<3 { try await export(batch, to: exporter) } }
            }
        } + running

    private static let running = [
        Rule("what it demands is possible, and always the same") { contract, findings in
            try await contract.running { exporter in
                let demand = exporter.demand
                for mistake in demand.mistakes { findings.violate("demands \(mistake)") }
                findings.expect(demand.metricInterval ?? .seconds(1) > .zero, "metrics without a pause")
                for (signal, queue) in [(TelemetrySignals.spans, demand.spans), (.logs, demand.logs)] {
                    findings.expect(
                        !demand.signals.contains(signal) || queue.batchLimit <= queue.limit || queue.limit < 1,
                        "batches of \(queue.batchLimit) from a queue of \(queue.limit)")
                }
                findings.expectEqual(exporter.demand, demand, "the second answer")
            }
        },
        Rule("told to stop before anything was exported, it ends") { contract, _ in
            try await contract.running { _ in }
        },
        Rule("what it opened is closed again") { contract, findings in
            try await findings.expectNothingLeftOpen {
                try await contract.running { try await export(TelemetryBatch(spans: [.sample(1)]), to: $0) }
            }
        },
        Rule("an export that is cancelled ends soon") { contract, findings in
            try await contract.running { exporter in
                for pause in [Duration.zero, .milliseconds(20)] {
                    let hasEnded = Latch()
                    let export = Task {
                        defer { hasEnded.open() }
                        try await exporter.export(TelemetryBatch(spans: (1...512).map(SpanRecord.sample)))
                    }
                    try await Task.sleep(for: pause)
                    export.cancel()
                    if await hasEnded.opens(within: soon) { continue }
                    findings.violate("goes on \(soon) later")
                    return
                }
            }
        },
    ]

    private static let batches: [(String, TelemetryBatch)] = [
        ("an empty batch", TelemetryBatch()),
        ("a span", TelemetryBatch(spans: [.sample(1)])),
        ("spans that failed, hold events and links, and have a parent", TelemetryBatch(spans: [.full])),
        ("as many spans as a batch may hold", TelemetryBatch(spans: (1...512).map(SpanRecord.sample))),
        ("metrics of every form, with points and without", TelemetryBatch(metrics: MetricRecord.samples)),
        ("logs of every level", TelemetryBatch(logs: Logger.Level.allCases.map(LogRecord.sample))),
        (
            "everything at once",
            TelemetryBatch(
                resource: [.service], spans: [.sample(1), .full], metrics: MetricRecord.samples,
                logs: [.sample(.error)])
        ),
    ]

    /// Longest that one export to a receiver that is there may take; less where the exporter demands less.
    private static let longestExport = Duration.seconds(10)
    /// What is soon for an export that is cancelled.
    private static let soon = Duration.seconds(5)

    /// Exports a batch as the service does, which gives it up after the time that the exporter demands.
    private static func export(_ batch: TelemetryBatch, to exporter: any ExporterPlugin) async throws {
        let limit = min(exporter.demand.timeout(of: batch), longestExport)
        let hasEnded = Latch()
        // Not structured: an export that ignores its cancellation would never let its test end.
        let export = Task {
            defer { hasEnded.open() }
            try await exporter.export(batch)
        }
        if await hasEnded.opens(within: limit) { return try await export.value }
        export.cancel()
        let ending = await hasEnded.opens(within: soon) ? "" : ", nor \(soon) after it was cancelled"
        throw PluginError("an export that has not ended within \(limit)\(ending)")
    }

    /// Runs an exporter as the service does, and tells it to stop when the body is done.
    private func running(_ body: (any ExporterPlugin) async throws -> Void) async throws {
        let context = PluginContext.standalone("exporter", logger: .silent, time: SystemTime())
        let exporter = try make(context)
        try await withRunning(exporter, context) { try await body(exporter) }
    }
}

extension TelemetryDemand {
    /// How long an export of a batch may take at most, whatever it holds; an hour where nothing is said.
    fileprivate func timeout(of batch: TelemetryBatch) -> Duration {
        let timeouts = [
            batch.spans.isEmpty ? .zero : spans.timeout, batch.logs.isEmpty ? .zero : logs.timeout,
            batch.metrics.isEmpty ? .zero : metricTimeout,
        ]
        return timeouts.filter { $0 > .zero }.min() ?? .seconds(3_600)
    }
}
