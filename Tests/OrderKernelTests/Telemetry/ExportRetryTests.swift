import InMemoryLogging
import Logging
import OrderKernelTesting
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import OrderKernel

@Suite("Exports that fail for a while", .timeLimit(.minutes(5)))
struct ExportRetryTests {
    let time = ManualTime()
    let log = InMemoryLogHandler()
    let telemetry: Telemetry

    init() { telemetry = Telemetry(time: time) }

    private func attach(_ exporter: RecordingExporter) -> ExporterPipeline {
        telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording") { _ in log })
    }

    /// Spans one at a time, a few of which may wait.
    private func demand(_ signals: TelemetrySignals) -> TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = signals
        demand.spans = TelemetryDemand.Queue(delay: .seconds(3_600))
        demand.spans.batchLimit = 1
        demand.spans.limit = 4
        return demand
    }

    private func record(_ numbers: ClosedRange<UInt64>) {
        for number in numbers {
            let context = TraceContext(traceID: 1, spanID: number, flags: 1)
            let moment = telemetry.clock.now
            telemetry.record(
                SpanRecord(name: "work", kind: .internal, context: context, start: moment, end: moment))
        }
    }

    /// Points of a metric, by the reason that they name.
    private func count(_ name: String, in metrics: [MetricRecord]) -> [String: MetricRecord.Number] {
        guard case .sum(let points, _)? = metrics.first(where: { $0.name == name })?.data else { return [:] }
        return points.reduce(into: [:]) { counts, point in
            let reason = point.attributes.first { $0.key == "error.type" }
            counts[reason?.value.description ?? ""] = point.value
        }
    }

    @Test("an export that takes no notice of its time is told while it goes on")
    func stuck() async {
        let end = Latch()
        var demand = demand(.spans)
        demand.spans.timeout = .seconds(2)
        let exporter = RecordingExporter(demand: demand) { _ in await OwnTask { try? await end.wait() }.value }
        let pipeline = attach(exporter)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            record(1...1)
            while log.entries.isEmpty {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
            #expect(log.entries.map(\.message) == ["telemetry could not be exported"])
            end.open()
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(log.entries.count { $0.message == "telemetry could not be exported" } == 1)
    }

    @Test("what nobody has is handed over again until it is taken, once and in order, while the rest waits")
    func again() async {
        let isAway = Atomic(true)
        let attempts = Atomic(0)
        let exporter = RecordingExporter(demand: demand(.spans)) { _ in
            attempts.add(1, ordering: .relaxed)
            if isAway.load(ordering: .relaxed) { throw ExportError("connection", "refused", isPassing: true) }
        }
        let pipeline = attach(exporter)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            record(1...1)
            while attempts.load(ordering: .relaxed) < 3 {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
            record(2...5)
            #expect(exporter.spans.isEmpty)
            isAway.store(false, ordering: .relaxed)
            while exporter.spans.count < 5 {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(exporter.spans.map(\.context.spanID) == [1, 2, 3, 4, 5])
        #expect(count("otel.sdk.exporter.span.exported", in: telemetry.collect()) == ["": .int(5)])
        #expect(
            log.entries.map(\.message) == ["telemetry could not be exported", "telemetry is exported again"])
    }

    @Test("at the end what nobody has is handed over once more, and then counted as lost")
    func end() async {
        let attempts = Atomic(0)
        let exporter = RecordingExporter(demand: demand(.spans)) { _ in
            attempts.add(1, ordering: .relaxed)
            throw ExportError("connection", "refused", isPassing: true)
        }
        let pipeline = attach(exporter)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            record(1...1)
            while attempts.load(ordering: .relaxed) == 0 { await Task.yield() }
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(attempts.load(ordering: .relaxed) == 2)
        #expect(count("otel.sdk.exporter.span.exported", in: telemetry.collect()) == ["connection": .int(1)])
        let last = log.entries.last
        #expect(last?.message == "telemetry was lost at the end" && last?.metadata["count"] == "1")
    }

    @Test("the last metrics tell what became of all that waited, and what found no room is told once")
    func lastMetrics() async {
        let exporter = RecordingExporter(demand: demand([.spans, .metrics]))
        let pipeline = attach(exporter)
        record(1...20)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.count == 4)
        #expect(count("otel.sdk.exporter.span.exported", in: exporter.metrics) == ["": .int(4)])
        let processed = count("otel.sdk.processor.span.processed", in: exporter.metrics)
        #expect(processed == ["": .int(4), "queue_full": .int(16)])
        #expect(log.entries.map(\.message) == ["telemetry is dropped, as more is recorded than is exported"])
    }

    @Test("the last metrics do not wait for spans that nobody takes")
    func hangingSpans() async {
        var demand = demand([.spans, .metrics])
        demand.spans.timeout = .zero  // an hour
        let exporter = RecordingExporter(demand: demand) { [time] batch in
            if !batch.spans.isEmpty { try await time.sleep(for: .seconds(36_000)) }
        }
        let pipeline = attach(exporter)
        record(1...1)
        let start = time.now
        await testGracefulShutdown { trigger in
            await withTaskGroup { tasks in
                tasks.addTask { await pipeline.run() }
                trigger.triggerGracefulShutdown()
                while exporter.metrics.isEmpty {
                    time.advance(by: .milliseconds(100))
                    await Task.yield()
                }
                tasks.cancelAll()
            }
        }
        #expect(exporter.spans.isEmpty && !exporter.metrics.isEmpty)
        #expect(time.now - start < .seconds(3_600))  // before the spans are given up
    }
}
