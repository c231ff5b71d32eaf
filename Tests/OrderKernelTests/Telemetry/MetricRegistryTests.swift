import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

@Suite("MetricRegistry")
struct MetricRegistryTests {
    let registry = MetricRegistry(clock: TelemetryClock(SystemTime()))
    let counter = MetricRegistry.Descriptor(name: "hits", unit: "{hit}", kind: .counter)

    private func add(_ count: Int64, _ attributes: TelemetryAttribute...) {
        guard case .counter(let cell) = registry.cell(counter, attributes) else { return }
        cell.value.wrappingAdd(count, ordering: .relaxed)
    }

    private func points() -> [MetricRecord.Point<MetricRecord.Number>] {
        guard case .sum(let points, isMonotonic: true) = registry.collect().first?.data else { return [] }
        return points
    }

    @Test("equal attributes share one point, in whatever order they come")
    func equalAttributes() {
        add(1, TelemetryAttribute("a", .int(1)), TelemetryAttribute("b", .bool(true)))
        add(2, TelemetryAttribute("b", .bool(true)), TelemetryAttribute("a", .int(1)))
        add(4, TelemetryAttribute("a", .int(2)))
        #expect(points().map(\.value) == [.int(3), .int(4)])
    }

    @Test("points are cumulative and keep their beginning")
    func cumulative() {
        add(1)
        let first = points()
        add(1)
        let second = points()
        #expect(first[0].value == .int(1) && second[0].value == .int(2))
        #expect(first[0].start == second[0].start)
        #expect(second[0].time >= second[0].start)
    }

    @Test("what is read at each collection keeps its beginning")
    func observed() {
        let time = ManualTime()
        let telemetry = Telemetry(time: time)
        _ = telemetry.attach(RecordingExporter(), name: "recording", logger: Logger(label: "recording"))
        CommitMeter(StorageMeter(InMemoryStorage().database, telemetry), telemetry).observe { 1 }
        let beginning = telemetry.clock.now
        time.advance(by: .seconds(1))
        let names = telemetry.collect().compactMap { metric in
            guard case .sum(let points, isMonotonic: false) = metric.data else { return nil as String? }
            return points.allSatisfy { $0.start == beginning && $0.time > beginning } ? metric.name : nil
        }
        let queues = ["span", "log"].flatMap { signal in
            ["size", "capacity"].map { "otel.sdk.processor.\(signal).queue.\($0)" }
        }
        #expect(names.filter { !$0.hasPrefix("process.") } == queues + ["orderd.commit.queue.depth"])
    }

    @Test("attributes beyond the limit share one overflow point, those seen before keep their own")
    func overflow() {
        for number in 0..<3_000 { add(1, TelemetryAttribute("n", .int(number))) }
        add(1, TelemetryAttribute("n", .int(5)))
        let points = points()
        #expect(points.count == 2_000)
        #expect(points[5].value == .int(2))
        #expect(points.last?.attributes == [TelemetryAttribute("otel.metric.overflow", .bool(true))])
        #expect(points.last?.value == .int(1_001))
    }

    @Test("a name keeps its first kind")
    func conflict() {
        add(1)
        _ = registry.cell(MetricRegistry.Descriptor(name: "hits", kind: .gauge), [])
        #expect(registry.collect().count == 1)
        #expect(points().count == 1)
    }

    @Test("a bucket holds what is at most its bound, the last one the rest")
    func buckets() {
        let histogram = Histogram(bounds: [1, 2])
        for value in [-1, 0.5, 1, 1.5, 2, 2.5, 100, .nan, .infinity] { histogram.record(value) }
        let distribution = histogram.distribution
        #expect(distribution.counts == [3, 2, 2])
        #expect(distribution.count == 7)
        #expect(distribution.sum == 106.5)
    }

    @Test("nothing is lost when many tasks record at once")
    func concurrent() async {
        let histogram = Histogram(bounds: RequestMetric.standardBounds)
        await withTaskGroup { tasks in
            for _ in 0..<4 {
                tasks.addTask { for _ in 0..<20_000 { histogram.record(0.5) } }
            }
        }
        #expect(histogram.distribution.count == 80_000)
        #expect(histogram.distribution.sum == 40_000)
    }
}
