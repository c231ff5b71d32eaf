import Logging
import OrderKernelTesting
import Testing

@testable import OrderKernel

@Suite("OrderMeter")
struct OrderMeterTests {
    @Test(
        "input that cannot be read is a refused order where it was meant to be one",
        arguments: [
            (true, .unsupportedMediaType, 1), (true, .invalidOrder, 1), (false, .invalidOrder, 0),
            (false, .badRequest, 0), (nil, .invalidOrder, 1), (nil, .badRequest, 0),
        ] as [(Bool?, ProblemCode, Int)])
    func unreadable(changesOrders: Bool?, code: ProblemCode, count: Int) {
        let telemetry = Telemetry()
        _ = telemetry.attach(RecordingExporter(), name: "recording", logger: Logger(label: "recording"))
        let problem = Problem(code, "")
        OrderMeter(.standard, telemetry).count(
            .undecodable(problem, changesOrders: changesOrders), .problem(problem))
        let metric = telemetry.collect().first { $0.name == "orderd.orders.refused" }
        var values: [MetricRecord.Number] = []
        if case .sum(let points, isMonotonic: true) = metric?.data { values = points.map(\.value) }
        #expect(values == (count == 0 ? [] : [.int(1)]))
    }
}
