internal import Logging
internal import ServiceLifecycle

/// One exporter's queues, and the tasks that drain them.
///
/// It runs inside the exporter's own `run()`, and around everything that records: what was recorded before it is told
/// to stop is exported before it returns.
package final class ExporterPipeline: Service {
    let demand: TelemetryDemand
    private let exporter: any ExporterPlugin
    private let telemetry: Telemetry
    private let logger: Logger
    private let meter: ExporterMeter
    private let spans: BatchProcessor<SpanRecord>
    private let logs: BatchProcessor<LogRecord>
    private let deliveries: [ExporterMeter.Signal: Delivery] = [
        .span: Delivery(), .log: Delivery(), .point: Delivery(),
    ]
    private let isStopping = Latch()
    /// What waited at the end is exported, or was given up.
    private let isDrained = Latch()
    /// How long the last metrics wait for that.
    private static let longestDrain = Duration.seconds(2)
    /// Between two attempts to hand over the same batch.
    private static let pause = Duration.seconds(1)

    /// - Parameters:
    ///   - demand: The exporter's, without mistakes.
    ///   - name: The instance's, which each line of the log says.
    init(
        _ exporter: any ExporterPlugin, demanding demand: TelemetryDemand, name: String, telemetry: Telemetry,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "exporter"] = "\(name)"
        self.exporter = exporter
        self.demand = demand
        self.telemetry = telemetry
        self.logger = logger
        self.meter = ExporterMeter(name, type(of: exporter).name, demand, telemetry.registry)
        self.spans = BatchProcessor(demand.spans, within: telemetry.limits, time: telemetry.clock.time)
        self.logs = BatchProcessor(demand.logs, within: telemetry.limits, time: telemetry.clock.time)
    }

    /// - Parameter span: Is taken out, if there is room.
    func offer(_ span: inout SpanRecord?) {
        if demand.signals.contains(.spans) { spans.offer(&span) }
    }

    /// - Parameter log: Is taken out, if there is room.
    func offer(_ log: inout LogRecord?) {
        if demand.signals.contains(.logs) { logs.offer(&log) }
    }

    /// Whether it has room for a record that is not made yet.
    func takes(_ signal: TelemetrySignals) -> Bool {
        demand.signals.contains(signal) && (signal == .spans ? spans.hasRoom : logs.hasRoom)
    }

    /// Such a record is not made, as nobody takes it.
    func miss(_ signal: TelemetrySignals) {
        guard demand.signals.contains(signal) else { return }
        if signal == .spans { spans.miss() } else { logs.miss() }
    }

    /// How much waits, and how much may. What found no room is counted, also while an export hangs.
    func measure() -> [MetricRecord] {
        var records: [MetricRecord] = []
        if demand.signals.contains(.spans) { records += measure(spans, .span) }
        if demand.signals.contains(.logs) { records += measure(logs, .log) }
        return records
    }

    private func measure<Item>(_ processor: BatchProcessor<Item>, _ signal: ExporterMeter.Signal) -> [MetricRecord] {
        refuse(processor.takeRefused(), signal)
        return meter.queue(signal, processor.count, processor.demand.limit, at: telemetry.clock.now)
    }

    /// Counts what a queue did not take, and says once in a while that there was no room. What comes when it is closed
    /// are the service's own last words, which the log has.
    private func refuse(_ refused: RefusedRecords, _ signal: ExporterMeter.Signal) {
        meter.process(refused.full, signal, failed: "queue_full")
        meter.process(refused.late, signal, failed: "already_shutdown")
        guard refused.full > 0, deliveries[signal]?.isRefusalNews(at: telemetry.clock.time.now) == true
        else { return }
        logger.warning(
            "telemetry is dropped, as more is recorded than is exported",
            metadata: ["signal": "\(signal.rawValue)", "reason": "queue_full", "count": "\(refused.full)"])
    }

    /// Exports until graceful shutdown begins, then all that waits, and the metrics for the last time: those wait for
    /// the others, so that they tell what became of them, but not for long, so that a signal which is not taken holds
    /// back no other.
    package func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { tasks in
                tasks.addTask { await self.drainProcessors() }
                tasks.addTask { await self.exportMetricsUntilTheEnd() }
            }
        } onCancelOrGracefulShutdown: {
            self.spans.close()
            self.logs.close()
            self.isStopping.open()
        }
    }

    private func drainProcessors() async {
        await withTaskGroup { tasks in
            let resource = self.telemetry.resource
            tasks.addTask {
                await self.drain(self.spans, .span) { TelemetryBatch(resource: resource, spans: $0) }
            }
            tasks.addTask {
                await self.drain(self.logs, .log) { TelemetryBatch(resource: resource, logs: $0) }
            }
        }
        isDrained.open()
    }

    private func drain<Item>(
        _ processor: BatchProcessor<Item>, _ signal: ExporterMeter.Signal, _ batch: @Sendable ([Item]) -> TelemetryBatch
    ) async {
        var lostAtEnd = 0
        await processor.run { refused in
            refuse(refused, signal)
        } export: { items in
            meter.process(items.count, signal, failed: nil)
            var isLast = isStopping.isOpen
            var lost = await export(batch(items), signal, items.count, within: processor.demand.timeout, isLast: isLast)
            while lost == nil {
                refuse(processor.takeRefused(), signal)
                isLast = await !isStillOpen(at: telemetry.clock.time.now + Self.pause)
                lost = await export(batch(items), signal, items.count, within: processor.demand.timeout, isLast: isLast)
            }
            if isStopping.isOpen { lostAtEnd += lost ?? 0 }
        }
        guard lostAtEnd > 0 else { return }
        logger.warning(
            "telemetry was lost at the end", metadata: ["signal": "\(signal.rawValue)", "count": "\(lostAtEnd)"])
    }

    /// Exports the metrics regularly where that is wanted, and once more when nothing comes any more.
    private func exportMetricsUntilTheEnd() async {
        guard demand.signals.contains(.metrics) else { return }
        if let interval = demand.metricInterval {
            await exportMetrics(every: interval > .zero ? interval : .seconds(1))
        } else {
            try? await isStopping.wait()
        }
        guard demand.exportsLastMetrics else { return }
        await waitForDrain()
        // Also where it is given up: what is then not taken is counted, and told.
        await export(telemetry.collectLast())
    }

    private func waitForDrain() async {
        await firstToEnd {
            try? await self.isDrained.wait()
        } or: { [time = telemetry.clock.time] in
            try? await time.sleep(for: Self.longestDrain)
        }
    }

    private func exportMetrics(every interval: Duration) async {
        let time = telemetry.clock.time
        var next = time.now + interval
        while await isStillOpen(at: next) {
            next = max(next + interval, time.now)
            await export(telemetry.collect())
        }
    }

    /// Waits until then, or until the end.
    private func isStillOpen(at moment: Instant) async -> Bool {
        await firstToEnd { [time = telemetry.clock.time] in
            (try? await time.sleep(for: max(moment - time.now, .zero))) != nil
        } or: {
            try? await self.isStopping.wait()
            return false
        }
    }

    private func export(_ metrics: [MetricRecord]) async {
        guard !metrics.isEmpty else { return }
        let points = metrics.reduce(0) { $0 + $1.pointCount }
        let batch = TelemetryBatch(resource: telemetry.resource, metrics: metrics)
        _ = await export(batch, .point, points, within: demand.metricTimeout, isLast: true)
    }

    /// - Parameter isLast: Whether the batch is lost where it is not taken.
    /// - Returns: How many records of the batch were lost; `nil` where it is to be handed over again.
    private func export(
        _ batch: TelemetryBatch, _ signal: ExporterMeter.Signal, _ count: Int, within timeout: Duration, isLast: Bool
    ) async -> Int? {
        telemetry.clock.follow()
        let start = telemetry.clock.time.now
        let error = await exporter.export(batch, within: timeout, by: telemetry.clock.time) {
            tell($0, of: count, signal)
        }
        if let error { tell(error, of: count, signal) } else { tellSuccess(signal) }
        meter.time(signal, failed: error?.reason, seconds: (telemetry.clock.time.now - start).inSeconds)
        if error?.isPassing == true, !isLast { return nil }
        let lost = error.map { $0.lost ?? count } ?? 0
        meter.export(count, signal, failed: error.map { (lost, $0.reason) })
        return lost
    }

    private func tellSuccess(_ signal: ExporterMeter.Signal) {
        guard deliveries[signal]?.ended(isFailure: false, at: telemetry.clock.time.now) == true else { return }
        logger.notice("telemetry is exported again", metadata: ["signal": "\(signal.rawValue)"])
    }

    private func tell(_ error: ExportError, of count: Int, _ signal: ExporterMeter.Signal) {
        guard let delivery = deliveries[signal] else { return }
        let isPart = (error.lost ?? count) < count
        if isPart { tellSuccess(signal) }
        guard isPart ? delivery.isFirstPart() : delivery.ended(isFailure: true, at: telemetry.clock.time.now)
        else { return }
        logger.warning(
            isPart ? "telemetry was exported only in part" : "telemetry could not be exported",
            metadata: ["signal": "\(signal.rawValue)", "reason": "\(error.reason)", "detail": "\(error.detail)"])
    }
}
