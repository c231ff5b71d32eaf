import Glibc
import Logging
import Metrics
import OrderKernel

/// Sends requests that need no storage through the pipeline, one after another, and prints the nanoseconds of each.
///
/// They come in bursts that no queue is too short for, with time between them for the exporter: what a request's path
/// costs is measured, and not what an exporter does on another processor.
struct RecorderTransport: TransportPlugin {
    static let name = "recorder"
    static let summary = "Times recording."

    struct Configuration: PluginConfiguration {
        let count: Int

        init(from settings: inout Settings) {
            count = settings.value("count", default: 100_000, "Requests of a run.", in: 2_000...100_000_000)
        }
    }

    /// What a request brings along: with the route's and the status, its span has eight attributes.
    private struct Facts: RequestMetadata {
        func values(for name: String) -> [String] { [] }

        func addAttributes(to attributes: inout TelemetryAttributes) {
            attributes.append("url.path", .string("/orders/4711"))
            attributes.append("user_agent.original", .string("curl/7.88.1"))
            attributes.append("network.peer.address", .string("127.0.0.1"))
            attributes.append("network.peer.port", .int(4_711))
        }
    }

    private static let burst = 500

    private let count: Int
    private let context: PluginContext

    init(_ configuration: Configuration, context: PluginContext) {
        self.count = configuration.count
        self.context = context
    }

    func run(serving service: OrderService) async throws -> TransportEnd {
        context.ready()
        let route = service.telemetry.route(
            name: "GET /orders/{id}",
            attributes: [
                TelemetryAttribute("http.request.method", .string("GET")),
                TelemetryAttribute("url.scheme", .string("http")),
                TelemetryAttribute("http.route", .string("/orders/{id}")),
            ], logLevel: .trace)
        let problem = Problem(.unknownOrder, "There is no order 1.")
        let facts = Facts()
        let id = RequestID.random()
        var spent: Int64 = 0
        for burst in 0..<count / Self.burst + 40 {
            let start = nanoseconds()
            for number in 0..<Self.burst {
                let context = RequestContext(
                    id: id.advanced(by: UInt64(number)), route: route, deadline: self.context.time.now,
                    metadata: facts)
                _ = await service.respond(to: OrderRequest(.undecodable(problem), context: context))
            }
            if burst >= 40 { spent += nanoseconds() - start }
            usleep(10_000)  // keeps the thread, whose time is measured
        }
        print("a request", Double(spent) / Double(count / Self.burst * Self.burst))
        let timer = Timer(label: "measurement")
        let start = nanoseconds()
        for number in 0..<count * 10 { timer.recordNanoseconds(Int64(number & 0xff_ffff)) }
        print("a measurement", Double(nanoseconds() - start) / Double(count * 10))
        return .complete
    }

    /// CPU of this thread, which is the only one that works for the requests.
    private func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
