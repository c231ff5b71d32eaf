internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// One exporter's queue, and the task that drains it.
///
/// It runs inside the exporter's own `run()`, and around everything that records: what was recorded before it is told
/// to stop is exported before it returns.
package final class ExporterPipeline: Service {
    let demand: TelemetryDemand
    private let exporter: any ExporterPlugin
    private let name: String
    private let telemetry: Telemetry
    private let logger: Logger
    private let queue: Mutex<ExportQueue>  // protects what waits, and whether the worker sleeps

    init(_ exporter: any ExporterPlugin, name: String, telemetry: Telemetry, logger: Logger) {
        let demand = exporter.demand
        precondition(demand.delay > .zero && demand.batchLimit > 0, "a demand's delay and limits are greater than zero")
        self.exporter = exporter
        self.demand = demand
        self.name = name
        self.telemetry = telemetry
        self.logger = logger
        self.queue = Mutex(ExportQueue(demand))
    }

    func offer(_ span: SpanRecord) {
        guard demand.signals.contains(.spans) else { return }
        queue.withLock { $0.append(span) }?.resume()
    }

    func offer(_ log: LogRecord) {
        guard demand.signals.contains(.logs) else { return }
        queue.withLock { $0.append(log) }?.resume()
    }

    /// Exports until graceful shutdown begins, then all that waits, and the metrics for the last time.
    package func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { tasks in
                tasks.addTask { await self.tick() }
                await self.drain()
                tasks.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.queue.withLock { $0.close() }?.resume()
        }
    }

    private func tick() async {
        let time = telemetry.clock.time
        while (try? await time.sleep(for: demand.delay)) != nil {
            queue.withLock { $0.becomeDue() }?.resume()
        }
    }

    private func drain() async {
        var delivery = Delivery()
        var nextMetrics = demand.metricInterval.map { telemetry.clock.time.now + $0 }
        var isOpen = true
        while isOpen {
            await waitForWork()
            isOpen = !queue.withLock { $0.isClosed }
            await exportWaiting(&delivery)
            if let due = nextMetrics, let interval = demand.metricInterval, telemetry.clock.time.now >= due {
                nextMetrics = max(due + interval, telemetry.clock.time.now)
                await exportMetrics(&delivery)
            }
        }
        await exportMetrics(&delivery)
    }

    private func waitForWork() async {
        await withUnsafeContinuation { (worker: UnsafeContinuation<Void, Never>) in
            if queue.withLock({ $0.park(worker) }) == .workToDo { worker.resume() }
        }
    }

    private func exportWaiting(_ delivery: inout Delivery) async {
        let (spans, logs) = queue.withLock { $0.take() }
        count(spans.refused, "span", "queue_full")
        count(logs.refused, "log", "queue_full")
        let longest = max(spans.items.count, logs.items.count)
        for start in stride(from: 0, to: longest, by: demand.batchLimit) {
            let spans = Array(spans.items.dropFirst(start).prefix(demand.batchLimit))
            let logs = Array(logs.items.dropFirst(start).prefix(demand.batchLimit))
            let batch = TelemetryBatch(resource: telemetry.resource, spans: spans, logs: logs)
            if await !export(batch, &delivery) {
                count(spans.count, "span", "export_failed")
                count(logs.count, "log", "export_failed")
            }
        }
    }

    private func exportMetrics(_ delivery: inout Delivery) async {
        guard demand.signals.contains(.metrics) else { return }
        let metrics = telemetry.collect()
        if !metrics.isEmpty {
            _ = await export(TelemetryBatch(resource: telemetry.resource, metrics: metrics), &delivery)
        }
    }

    private func export(_ batch: TelemetryBatch, _ delivery: inout Delivery) async -> Bool {
        do {
            try await exporter.export(batch)
            if delivery.recovers() { logger.notice("telemetry is exported again") }
            return true
        } catch {
            if delivery.fails() { logger.warning("telemetry could not be exported", error: error) }
            return false
        }
    }

    private func count(_ items: Int, _ signal: String, _ reason: String) {
        guard items > 0 else { return }
        let dropped = MetricRegistry.Descriptor(
            name: "orderd.telemetry.dropped", description: "Telemetry that was not exported.", unit: "{item}",
            kind: .counter)
        let attributes = [
            TelemetryAttribute("otel.component.name", .string(name)),
            TelemetryAttribute("orderd.telemetry.signal", .string(signal)),
            TelemetryAttribute("error.type", .string(reason)),
        ]
        guard case .counter(let cell) = telemetry.registry.cell(dropped, attributes) else { return }
        cell.value.wrappingAdd(Int64(items), ordering: .relaxed)
    }
}

/// Whether the last export succeeded, so that each change is told once.
private struct Delivery {
    private var isFailing = false

    mutating func fails() -> Bool {
        defer { isFailing = true }
        return !isFailing
    }

    mutating func recovers() -> Bool {
        defer { isFailing = false }
        return isFailing
    }
}
