import InMemoryLogging
import Logging
import Metrics
import OrderKernelTesting
import ServiceLifecycleTestKit
import Testing

@testable import OrderKernel

@Suite("ExporterPipeline")
struct ExporterPipelineTests {
    let telemetry = Telemetry()
    let log = InMemoryLogHandler()

    private func attach(_ exporter: RecordingExporter) -> ExporterPipeline {
        telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording") { _ in log })
    }

    private func demand(_ signals: TelemetrySignals = .all, queue: Int = 2_048, batch: Int = 512) -> TelemetryDemand {
        var demand = TelemetryDemand()
        demand.signals = signals
        var line = TelemetryDemand.Queue(delay: .seconds(3_600))
        line.limit = queue
        line.batchLimit = batch
        line.timeout = .zero
        (demand.spans, demand.logs, demand.metricTimeout) = (line, line, .zero)
        return demand
    }

    private func recordSpans(_ count: Int, in telemetry: Telemetry? = nil) {
        for number in 0..<count {
            let context = TraceContext(traceID: 1, spanID: UInt64(number + 1), flags: 1)
            let time = TelemetryTime(nanoseconds: 0)
            (telemetry ?? self.telemetry).record(
                SpanRecord(
                    name: "work", kind: .internal, context: context, start: time, end: time,
                    attributes: [TelemetryAttribute("number", .int(number))]))
        }
    }

    private func counted(_ name: String) -> [[TelemetryAttribute]: MetricRecord.Number] {
        let metric = telemetry.collect().first { $0.name == name }
        guard case .sum(let points, isMonotonic: true) = metric?.data else { return [:] }
        return Dictionary(uniqueKeysWithValues: points.map { ($0.attributes, $0.value) })
    }

    private func reason(_ reason: String?, _ component: String = "recording_span_exporter") -> [TelemetryAttribute] {
        (reason.map { [TelemetryAttribute("error.type", .string($0))] } ?? []) + [
            TelemetryAttribute("otel.component.name", .string("recording")),
            TelemetryAttribute("otel.component.type", .string(component)),
        ]
    }

    /// Spans that the queue has handed on, and dropped, as the metrics have them.
    private func processed(
        _ count: Int64?, dropped: Int64, as failure: String = "queue_full"
    ) -> [[TelemetryAttribute]: MetricRecord.Number] {
        var points = [reason(failure, "batching_span_processor"): MetricRecord.Number.int(dropped)]
        points[reason(nil, "batching_span_processor")] = count.map { .int($0) }
        return points
    }

    @Test("at the end every batch that waits is exported, in order, and the metrics")
    func finalFlush() async {
        let exporter = RecordingExporter(demand: demand(batch: 10))
        let pipeline = attach(exporter)
        recordSpans(35)
        TelemetryMetricsFactory(telemetry).makeCounter(label: "hits", dimensions: []).increment(by: 1)
        await telemetry.flush(pipeline)
        #expect(exporter.batches.map(\.spans.count).filter { $0 > 0 } == [10, 10, 10, 5])
        #expect(exporter.spans.map(\.context.spanID) == Array(1...35))
        #expect(exporter.metrics.map(\.name).contains("hits"))
    }

    @Test("metrics that somebody asks for are not exported, and not counted as if they were")
    func fetched() async {
        var demand = demand(.metrics)
        demand.metricInterval = nil
        demand.exportsLastMetrics = false
        let exporter = RecordingExporter(demand: demand)
        await telemetry.flush(attach(exporter))
        #expect(exporter.batches.isEmpty && counted("otel.sdk.exporter.metric_data_point.exported").isEmpty)
    }

    /// Runs a pipeline that is told to stop, and cuts it once something has happened.
    private func stop(_ pipeline: ExporterPipeline, cutAfter event: @Sendable () async -> Void) async {
        await testGracefulShutdown { trigger in
            await withTaskGroup { tasks in
                tasks.addTask { await pipeline.run() }
                trigger.triggerGracefulShutdown()
                await event()
                tasks.cancelAll()
            }
        }
    }

    @Test("a signal that is not taken at the end holds back no metrics", .timeLimit(.minutes(5)))
    func hangingSpans() async {
        let exporter = RecordingExporter(demand: demand(batch: 1)) { batch in
            if !batch.spans.isEmpty { try await SystemTime().sleep(for: .seconds(3_600)) }
        }
        let pipeline = attach(exporter)
        recordSpans(1)
        await stop(pipeline) { await exporter.wait(forBatches: 1) }
        #expect(!exporter.metrics.isEmpty && exporter.spans.isEmpty)
    }

    @Test("what is not taken before the end is cut is counted and told, metrics too")
    func hangingExporter() async {
        let started = AsyncStream.makeStream(of: Void.self)
        let exporter = RecordingExporter(demand: demand(batch: 1)) { _ in
            started.continuation.yield()
            try await SystemTime().sleep(for: .seconds(3_600))
        }
        let pipeline = attach(exporter)
        recordSpans(1)
        await stop(pipeline) { for await _ in started.stream { break } }
        #expect(counted("otel.sdk.exporter.span.exported") == [reason("CancellationError"): .int(1)])
        #expect(
            Array(counted("otel.sdk.exporter.metric_data_point.exported").keys) == [
                reason("CancellationError", "recording_metric_exporter")
            ])
        let told = Set(log.entries.map(\.message.description))
        #expect(log.entries.count == 3 && told == ["telemetry could not be exported", "telemetry was lost at the end"])
    }

    @Test("a full batch is exported at once")
    func fullBatch() async {
        let exporter = RecordingExporter(demand: demand(.spans, batch: 10))
        let pipeline = attach(exporter)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            recordSpans(10)
            await exporter.wait(forBatches: 1)
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(exporter.spans.count == 10)
    }

    @Test("what is recorded is exported after the delay, and the metrics after their interval")
    func delay() async {
        var demand = demand()
        demand.spans.delay = .milliseconds(1)
        demand.metricInterval = .milliseconds(1)
        let exporter = RecordingExporter(demand: demand)
        let pipeline = attach(exporter)
        TelemetryMetricsFactory(telemetry).makeCounter(label: "hits", dimensions: []).increment(by: 1)
        recordSpans(1)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            await exporter.wait(forBatches: 3)
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(exporter.spans.count == 1)
        #expect(exporter.batches.count { !$0.metrics.isEmpty } >= 2)
    }

    @Test("without a delay each record is exported as it comes")
    func noDelay() async {
        var demand = demand(.spans)
        demand.spans.delay = .zero
        let exporter = RecordingExporter(demand: demand)
        let pipeline = attach(exporter)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            for count in 1...3 {
                recordSpans(1)
                await exporter.wait(forBatches: count)
            }
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(exporter.batches.map(\.spans.count) == [1, 1, 1])
    }

    @Test("a timeout of zero is no limit")
    func noTimeout() async {
        let exporter = RecordingExporter(demand: demand()) { _ in for _ in 0..<1_000 { await Task.yield() } }
        #expect(await exporter.export(TelemetryBatch(), within: .zero, by: telemetry.clock.time) == nil)
    }

    @Test("what finds no room is dropped and counted")
    func fullQueue() async {
        let exporter = RecordingExporter(demand: demand(queue: 20, batch: 20))
        let pipeline = attach(exporter)
        recordSpans(25)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.count == 20)
        #expect(counted("otel.sdk.processor.span.processed") == processed(20, dropped: 5))
    }

    @Test("what finds no room while an export hangs is counted meanwhile", .timeLimit(.minutes(5)))
    func fullWhileHanging() async {
        let started = AsyncStream.makeStream(of: Void.self)
        let exporter = RecordingExporter(demand: demand(.spans, queue: 1, batch: 1)) { _ in
            started.continuation.yield()
            try await SystemTime().sleep(for: .seconds(3_600))
        }
        let pipeline = attach(exporter)
        recordSpans(1)
        await withTaskGroup { tasks in
            tasks.addTask { await pipeline.run() }
            for await _ in started.stream { break }
            recordSpans(3)
            #expect(!telemetry.admitSpan())
            #expect(counted("otel.sdk.processor.span.processed") == processed(1, dropped: 3))
            tasks.cancelAll()
        }
    }

    @Test("what would take too many bytes is dropped and counted")
    func fullOfBytes() async {
        var demand = demand(.spans)
        demand.spans.bytes = ByteCount(1_000)
        let exporter = RecordingExporter(demand: demand)
        let pipeline = attach(exporter)
        recordSpans(5)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.count == 3)
        #expect(counted("otel.sdk.processor.span.processed") == processed(3, dropped: 2))
    }

    @Test("spans for which there is no room are not even made, and counted")
    func notMade() async {
        let exporter = RecordingExporter(demand: demand(.spans, queue: 1, batch: 1))
        let pipeline = attach(exporter)
        recordSpans(2)
        #expect(!telemetry.admitSpan() && !telemetry.admitSpan())
        await telemetry.flush(pipeline)
        #expect(counted("otel.sdk.processor.span.processed") == processed(1, dropped: 3))
    }

    @Test("what one exporter has no room for, and another has, is dropped once", arguments: [true, false])
    func otherHasRoom(isFirst: Bool) async {
        let exporter = RecordingExporter(demand: demand(.spans))
        let full = RecordingExporter(demand: demand(.spans, queue: 1, batch: 1))
        let pipelines = (isFirst ? [exporter, full] : [full, exporter]).map(attach)
        for _ in 0..<5 where telemetry.admitSpan() { recordSpans(1) }
        await telemetry.flush(pipelines[isFirst ? 1 : 0])
        #expect(counted("otel.sdk.processor.span.processed") == processed(1, dropped: 4))
        await telemetry.flush(pipelines[isFirst ? 0 : 1])
        #expect(exporter.spans.count == 5)
    }

    @Test("each of several exporters has every record with its attributes, whatever stands between them")
    func several() async {
        let signals: [TelemetrySignals] = [.spans, .metrics, .spans, .metrics]
        let exporters = signals.map { RecordingExporter(demand: demand($0)) }
        let pipelines = exporters.map(attach)
        recordSpans(3)
        for pipeline in pipelines { await telemetry.flush(pipeline) }
        let numbers = (0..<3).map { [TelemetryAttribute("number", .int($0))] as TelemetryAttributes }
        #expect(exporters[0].spans.map(\.attributes) == numbers && exporters[2].spans.map(\.attributes) == numbers)
        #expect(exporters[1].spans.isEmpty && exporters[3].spans.isEmpty)
    }

    @Test("what waits is exported as soon as there are too many bytes, though it is no whole batch")
    func manyBytes() async {
        var demand = demand(.spans)
        demand.spans.bytes = ByteCount(1_000)
        let exporter = RecordingExporter(demand: demand)
        let pipeline = attach(exporter)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            recordSpans(4)
            await exporter.wait(forBatches: 1)
            while !telemetry.admitSpan() { await Task.yield() }
            recordSpans(1)
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(exporter.spans.count == 4)
    }

    @Test("an export that takes too long is given up, and counted")
    func timeout() async {
        var demand = demand(.spans, batch: 1)
        demand.spans.timeout = .milliseconds(1)
        let exporter = RecordingExporter(demand: demand) { _ in try await SystemTime().sleep(for: .seconds(3_600)) }
        let pipeline = attach(exporter)
        recordSpans(1)
        await telemetry.flush(pipeline)
        #expect(counted("otel.sdk.exporter.span.exported") == [reason("timeout"): .int(1)])
    }

    @Test("a part that was lost is counted apart from the rest")
    func partLost() async {
        let exporter = RecordingExporter(demand: demand(.spans, batch: 10)) { _ in
            throw ExportError("rejected", "too old", lost: 3)
        }
        let pipeline = attach(exporter)
        recordSpans(10)
        await telemetry.flush(pipeline)
        #expect(counted("otel.sdk.exporter.span.exported") == [reason("rejected"): .int(3), reason(nil): .int(7)])
    }

    @Test("what comes after the end is dropped")
    func afterTheEnd() async {
        let exporter = RecordingExporter(demand: demand())
        let pipeline = attach(exporter)
        await telemetry.flush(pipeline)
        recordSpans(3)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.isEmpty)
        #expect(counted("otel.sdk.processor.span.processed") == processed(nil, dropped: 3, as: "already_shutdown"))
    }

    @Test("what could not be exported is counted, and said once, until it can again")
    func failing() async {
        let exporter = RecordingExporter(demand: demand(.spans, batch: 10)) { batch in
            if batch.spans.contains(where: { $0.context.spanID <= 20 }) { throw CancellationError() }
        }
        let pipeline = attach(exporter)
        recordSpans(40)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.count == 20)
        #expect(
            counted("otel.sdk.exporter.span.exported") == [
                reason("CancellationError"): .int(20), reason(nil): .int(20),
            ])
        #expect(log.entries.map(\.level) == [.warning, .notice, .warning])
        #expect(log.entries.last?.message == "telemetry was lost at the end")
        #expect(log.entries.last?.metadata["count"] == "20")
    }

    @Test("one that fails now and then is told once a minute")
    func flapping() async {
        let time = ManualTime()
        let telemetry = Telemetry(time: time)
        let exporter = RecordingExporter(demand: demand(.spans, batch: 1)) { batch in
            if batch.spans[0].context.spanID == 7 { time.advance(by: .seconds(60)) }
            if !batch.spans[0].context.spanID.isMultiple(of: 2) { throw ExportError("503", "busy") }
        }
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording") { _ in log })
        recordSpans(10, in: telemetry)
        await telemetry.flush(pipeline)
        #expect(exporter.spans.count == 5)
        #expect(log.entries.dropLast().map(\.level) == [.warning, .notice, .warning, .notice])
    }

    @Test("what is taken in part is told once, and is no failure")
    func partTold() async {
        let exporter = RecordingExporter(demand: demand(.spans, batch: 10)) { batch in
            throw ExportError("rejected", "too old", lost: batch.spans[0].context.spanID == 1 ? 10 : 3)
        }
        let pipeline = attach(exporter)
        recordSpans(40)
        await telemetry.flush(pipeline)
        #expect(
            log.entries.map(\.message) == [
                "telemetry could not be exported", "telemetry is exported again",
                "telemetry was exported only in part", "telemetry was lost at the end",
            ])
        #expect(log.entries.allSatisfy { $0.metadata["exporter"] == "recording" })
    }

    @Test("an exporter that never answers holds back no other, and ends when it is cancelled")
    func slow() async {
        let started = AsyncStream.makeStream(of: Void.self)
        let slow = RecordingExporter(demand: demand(.spans, batch: 1)) { _ in
            started.continuation.yield()
            try await SystemTime().sleep(for: .seconds(3_600))
        }
        let fast = RecordingExporter(demand: demand(.spans, batch: 1))
        let pipelines = [attach(slow), attach(fast)]
        await withTaskGroup { tasks in
            for pipeline in pipelines { tasks.addTask { await pipeline.run() } }
            recordSpans(1)
            for await _ in started.stream { break }
            recordSpans(1)
            await fast.wait(forBatches: 1)
            tasks.cancelAll()
        }
        #expect(!fast.spans.isEmpty && slow.spans.isEmpty)
    }

    @Test("metrics without a pause between them are exported every second")
    func noInterval() async {
        let time = ManualTime()
        let telemetry = Telemetry(time: time)
        var demand = demand(.metrics)
        demand.metricInterval = .zero
        let exporter = RecordingExporter(demand: demand)
        let pipeline = telemetry.attach(exporter, name: "recording", logger: Logger(label: "recording") { _ in log })
        TelemetryMetricsFactory(telemetry).makeCounter(label: "hits", dimensions: []).increment(by: 1)
        await testGracefulShutdown { trigger in
            async let running: Void = pipeline.run()
            for _ in 0..<10_000 { await Task.yield() }
            #expect(exporter.batches.isEmpty)
            while exporter.batches.isEmpty {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
            trigger.triggerGracefulShutdown()
            await running
        }
    }
}
