import OrderKernel
import OrderKernelTesting
import Synchronization
import Testing

@Suite("The deadline of HTTP", .timeLimit(.minutes(5)))
struct DeadlineTests {
    @Test("a middleware that never answers keeps no client waiting", arguments: HoldingMiddleware.Moment.allCases)
    func heldRequest(moment: HoldingMiddleware.Moment) async throws {
        let middleware = HoldingMiddleware(moment)
        let time = SkippingTime()
        let end = try await HTTPService.run(middleware: [middleware], time: time) { http in
            let client = try await http.connect()
            // What is sent behind it is not worked on.
            try await client.send(Self.create + Self.create)
            try await middleware.isHolding.wait()
            time.skip(.seconds(31))
            let answer = try await client.answer()
            switch moment {
            case .beforeNext:
                #expect(answer.status == 504 && answer.problem == "deadline_exceeded")
            case .afterNext:
                #expect(answer.status == 503 && answer.problem == "outcome_unknown")
            }
            #expect(answer["Connection"] == "close")
            #expect(await client.rest() == "")

            let stored = moment == .afterNext ? 1 : 0
            try await Self.expectOrders(stored, http)
            middleware.gate.open()
            try await middleware.done.wait()
            // What comes back late changes nothing.
            try await Self.expectOrders(stored, http)
        }
        #expect(end == .complete)
    }

    @Test("a client has its one answer, also where the middleware comes back meanwhile", arguments: 1...8)
    func lateReturn(step: Int) async throws {
        let middleware = HoldingMiddleware(.afterNext)
        let time = SkippingTime()
        _ = try await HTTPService.run(middleware: [middleware], time: time) { http in
            let client = try await http.connect()
            try await client.send(Self.create)
            try await middleware.isHolding.wait()
            time.skip(.seconds(31))
            // There is no event to wait for: it is to come back about when HTTP answers, in a different moment each
            // time.
            try await Task.sleep(for: .milliseconds(100 + 25 * step))
            middleware.gate.open()
            let status = try await client.answer().status
            try await middleware.done.wait()
            if status == 503 {
                #expect(await client.rest() == "")
            } else {
                // It came back in time: the connection goes on, and the next request has the next answer.
                #expect(status == 201)
                try await client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try await client.answer().status == 200)
                try await client.close()
            }
        }
    }

    private static let create = ConnectionTests.post(
        "Content-Length: \(EndpointTests.order.utf8.count)", body: EndpointTests.order)

    private static func expectOrders(_ count: Int, _ http: HTTPService) async throws {
        let list = try await http.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(list.status == 200 && list.body.split(separator: #""id":"#).count - 1 == count)
    }
}

/// The system's clocks, from which a test leaves out a while.
private final class SkippingTime: TimeSource {
    private let system = SystemTime()
    private let skipped = Mutex(Duration.zero)  // protects how much is left out

    func skip(_ duration: Duration) { skipped.withLock { $0 += duration } }

    var now: Instant { system.now + skipped.withLock { $0 } }
    var date: Timestamp { system.date }

    func sleep(until instant: Instant) async throws {
        try await system.sleep(for: instant - now)
    }
}
