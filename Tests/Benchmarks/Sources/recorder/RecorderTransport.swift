import Glibc
import Logging
import Metrics
import OrderKernel

/// Sends requests that need no storage through the pipeline, one after another, and prints the nanoseconds of each.
struct RecorderTransport: TransportPlugin {
    static let name = "recorder"
    static let summary = "Times recording."

    struct Configuration: PluginConfiguration {
        let count: Int

        init(from settings: inout Settings) {
            count = settings.value("count", default: 500_000, "Requests of a run.", in: 1...100_000_000)
        }
    }

    /// What a request brings along: with the route's and the status, its span has eight attributes.
    private struct Facts: RequestMetadata {
        func values(for name: String) -> [String] { [] }

        let attributes = [
            TelemetryAttribute("url.path", .string("/orders/4711")),
            TelemetryAttribute("user_agent.original", .string("curl/7.88.1")),
            TelemetryAttribute("network.peer.address", .string("127.0.0.1")),
            TelemetryAttribute("network.peer.port", .int(4_711)),
        ]
    }

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
        for round in 0..<2 {
            let start = nanoseconds()
            for _ in 0..<count {
                let context = RequestContext(
                    id: .random(), route: route, deadline: self.context.time.now, metadata: facts)
                _ = await service.respond(to: OrderRequest(.undecodable(problem), context: context))
            }
            if round == 1 { print("a request", Double(nanoseconds() - start) / Double(count)) }
        }
        let timer = Timer(label: "measurement")
        let start = nanoseconds()
        for number in 0..<count { timer.recordNanoseconds(Int64(number & 0xff_ffff)) }
        print("a measurement", Double(nanoseconds() - start) / Double(count))
        return .complete
    }

    /// CPU of this thread, which is the only one that works for the requests.
    private func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
