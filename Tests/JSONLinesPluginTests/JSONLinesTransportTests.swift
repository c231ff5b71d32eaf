import Foundation
import OrderKernel
import Synchronization
import Testing

@testable import JSONLinesPlugin

@Suite("JSON lines", .timeLimit(.minutes(5)))
struct JSONLinesTransportTests {
    @Test("every operation has its result, exactly as the contract writes it")
    func operations() async throws {
        let outcome = try await LinesJob().run(
            """
            {"customer_id":"c","wood_type":"oak","quantity":5}
            {"op":"create","ref":"r\\u0031","order":{"customer_id":"d","wood_type":"elm","quantity":6},"key":"k"}
            {"key":"k","customer_id":"d","wood_type":"elm","quantity":6}
            {"op":"update","id":1,"order_status":"ready","if_revision":1}
            {"op":"get","id":1}
            {"op":"list","limit":1,"ref":"l"}
            """)
        let results = outcome.results.map(withoutTimes)
        let first = #"{"id":1,"customer_id":"c","wood_type":"oak","quantity":5,"status":"registered",T,"revision":1}"#
        let ready = #"{"id":1,"customer_id":"c","wood_type":"oak","quantity":5,"status":"ready",T,"revision":2}"#
        let second = #"{"id":2,"customer_id":"d","wood_type":"elm","quantity":6,"status":"registered",T,"revision":1}"#
        #expect(outcome.end == .complete)
        #expect(
            results == [
                #"{"line":1,"status":201,"order":\#(first)}"#,
                #"{"line":2,"ref":"r\u0031","status":201,"order":\#(second)}"#,
                #"{"line":3,"status":201,"replayed":true,"order":\#(second)}"#,
                #"{"line":4,"status":200,"order":\#(ready)}"#,
                #"{"line":5,"status":200,"order":\#(ready)}"#,
                #"{"line":6,"ref":"l","status":200,"orders":[\#(ready)],"next":"a1"}"#,
            ])
    }

    private func withoutTimes(_ result: String) -> String {
        let time = #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"#
        return result.replacingOccurrences(
            of: #""created_at":"\#(time)","updated_at":"\#(time)""#, with: "T", options: .regularExpression)
    }

    @Test(
        "a line that cannot be done is refused with its status",
        arguments: [
            ("{", 400), ("[]", 422), ("5", 422), ("nonsense", 400), (#"{"op":"fly"}"#, 422), (#"{"op":1}"#, 422),
            (#"{"op":"get"}"#, 422), (#"{"op":"get","id":"1"}"#, 422), (#"{"op":"get","id":1.0}"#, 422),
            (#"{"op":"get","id":7}"#, 404), (#"{"op":"get","id":0}"#, 404), (#"{"op":"get","id":-1}"#, 404),
            (#"{"op":"get","id":99999999999999999999}"#, 404), (#"{"op":"get","id":1,"x":1}"#, 422),
            (#"{"op":"list","limit":0}"#, 400), (#"{"op":"list","x":1}"#, 400), (#"{"op":"list","status":"x"}"#, 400),
            (#"{"op":"create"}"#, 422), (#"{"op":"create","order":[]}"#, 422), (#"{"op":"create","order":{}}"#, 422),
            (orderLine(5, besides: #","key":"""#), 400), (orderLine(5, besides: #","key":5"#), 400),
            (orderLine(5, besides: #","key":"\#(String(repeating: "ü", count: 256))""#), 400),
            (orderLine(5, besides: #","ref":5"#), 422), (orderLine(5, besides: #","id":5"#), 422), (orderLine(0), 422),
            (orderLine(5, besides: #","ref":"\#(String(repeating: "x", count: 256))""#), 422),
            (#"{"op":"update","id":7,"status":"ready"}"#, 404), (#"{"op":"update","id":7}"#, 422),
            (#"{"op":"update","id":7,"status":"ready","if_revision":"1"}"#, 422),
            (#"{"op":"update","id":7,"status":"ready","if_revision":1.0}"#, 422),
            ("{\"customer_id\":\"\u{1}\"}", 400), (String(repeating: "x", count: 2_000), 413),
        ])
    func refusals(line: String, status: Int) async throws {
        var job = LinesJob()
        job.settings = "max_line: 1KiB"
        let outcome = try await job.run("\(line)\n\(orderLine(1))")
        #expect(outcome.statuses == [status, 201])
        #expect(outcome.end == .someRefused)
        #expect(job.storage.orders.map(\.id) == [1])
    }

    @Test("a revision that no order can have is a stale one", arguments: ["2", "-1", "99999999999999999999"])
    func staleRevision(revision: String) async throws {
        let update = #"{"op":"update","id":1,"status":"ready","if_revision":\#(revision)}"#
        #expect(try await LinesJob().run("\(orderLine(1))\n\(update)").statuses == [201, 412])
    }

    @Test("a key has up to 255 characters, however many bytes they take")
    func longestKey() async throws {
        let line = orderLine(5, besides: #","key":"\#(String(repeating: "😀", count: 255))""#)
        #expect(try await LinesJob().run("\(line)\n\(line)").statuses == [201, 201])
    }

    @Test("all that is wrong with a line is told at once, with pointers from its beginning")
    func errors() async throws {
        let line = #"{"op":"create","ref":1,"x":2,"order":{"wood_type":"oak","quantity":0,"y":3}}"#
        let result = try #require(try await LinesJob().run(line).results.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(result.utf8)) as? [String: Any])
        let problem = try #require(object["problem"] as? [String: Any])
        let errors = try #require(problem["errors"] as? [[String: String]])
        #expect(
            errors.compactMap { $0["pointer"] } == ["/ref", "/order/customer_id", "/order/quantity", "/order/y", "/x"])
    }

    @Test("invalid UTF-8 is refused in its line alone, with the offset within the line")
    func invalidUTF8() async throws {
        let input = Data((orderLine(1) + "\n{\"a\":\"").utf8) + [0xff] + Data("\"}\n\(orderLine(2))\n".utf8)
        let outcome = try await LinesJob().run(input)
        #expect(outcome.statuses == [201, 400, 201])
        #expect(outcome.results[1].contains(#""offset":6,"#))
    }

    @Test("blank lines count, and have no result")
    func blankLines() async throws {
        let outcome = try await LinesJob().run("\u{feff}\n\n \(orderLine(1))\r\n\t\r\n\(orderLine(2))")
        #expect(outcome.results.map { $0.prefix(10) } == [#"{"line":3,"#, #"{"line":5,"#])
        #expect(outcome.end == .complete)
        #expect(try await LinesJob().run("").results.isEmpty)
    }

    @Test("lines take effect in order, and a read sees the writes before it", arguments: [1, 3, 1_024])
    func order(window: Int) async throws {
        var job = LinesJob()
        job.settings = "window: \(window)"
        var lines: [String] = []
        var statuses: [Int] = []
        for number in 1...300 {
            statuses += [201, 200]
            if number % 10 == 0 { statuses.append(200) }
            if number % 50 == 0 { statuses.append(422) }
            lines.append(orderLine(number))
            lines.append(#"{"op":"update","id":\#(number),"status":"ready"}"#)
            if number % 10 == 0 { lines.append(#"{"op":"get","id":\#(number)}"#) }
            if number % 50 == 0 { lines.append(#"{"op":"nothing"}"#) }
        }
        let outcome = try await job.run(lines.joined(separator: "\n"))
        #expect(outcome.statuses == statuses)
        #expect(job.storage.orders.map(\.quantity) == Array(1...300))
        #expect(job.storage.orders.allSatisfy { $0.revision == 2 })
    }

    @Test("lines that a middleware holds back still take effect in order")
    func slowMiddleware() async throws {
        var job = LinesJob()
        job.middleware = [Reshuffling()]
        let outcome = try await job.run((1...500).map { orderLine($0) }.joined(separator: "\n"))
        #expect(outcome.statuses == Array(repeating: 201, count: 500))
        #expect(job.storage.orders.map(\.quantity) == Array(1...500))
    }

    @Test("a list does not wait for results of lines that wait for the list")
    func refusalsBehindList() async throws {
        let blank = String(repeating: "\n", count: 1_000)  // so that the numbers of all lines have four digits
        let refused = "{" + (0..<25).map { #""unknown\#($0)":1"# }.joined(separator: ",") + "}"
        let result = try #require(try await LinesJob().run(blank + refused).results.first)
        let id = try #require(result.firstMatch(of: /"request_id":"([^"]*)"/)).1
        let size = result.utf8.count - id.count + 13 + 1  // ids have 13 characters, few of them less
        let count = LineSourceState.mostHeld / size  // with the page, more than may be held
        var job = LinesJob()
        _ = try await job.run((1...50).map { orderLine($0) }.joined(separator: "\n"))
        job.middleware = [LateList(refusals: count)]
        let lines = [#"{"op":"list"}"#, orderLine(51)] + Array(repeating: refused, count: count + 100)
        let outcome = try await job.run(blank + lines.joined(separator: "\n"))
        #expect(outcome.statuses == [200, 201] + Array(repeating: 422, count: count + 100))
    }

    @Test("passing trouble is waited out and never printed")
    func passingTrouble() async throws {
        let away = StorageError(.unavailable, code: "locked", detail: "")
        let job = LinesJob(storage: ForgetfulStorage(failures: [away, away]))
        let outcome = try await job.run("\(orderLine(1))\n\(orderLine(2))\n{\"op\":\"get\",\"id\":2}")
        #expect(outcome.statuses == [201, 201, 200])
        #expect(job.storage.orders.map(\.quantity) == [1, 2])
    }

    @Test("a line that waited for its turn has its trouble waited out as long as any")
    func troubleAfterWaiting() async throws {
        let away = StorageError(.unavailable, code: "locked", detail: "")
        var job = LinesJob(storage: ForgetfulStorage(failures: [away]))
        job.settings = "retry_for: 3s"  // enough for a slow machine to try again
        job.middleware = [SlowLists(delay: .milliseconds(3_100))]
        let outcome = try await job.run("{\"op\":\"list\"}\n{\"op\":\"get\",\"id\":1}")
        #expect(outcome.statuses == [200, 404])
    }

    @Test("all attempts of a read together have the patience of one")
    func patienceOfReads() async throws {
        let away = StorageError(.unavailable, code: "locked", detail: "")
        let lists = LinesJob(storage: ForgetfulStorage(failures: [away, away]))
        #expect(try await lists.run("{\"op\":\"list\"}\n{\"op\":\"list\"}").statuses == [200, 200])
        let deadlines = lists.storage.readDeadlines
        #expect(deadlines.count == 4 && Set(deadlines.dropLast()).count == 1)
        #expect(deadlines.last.map { $0 > deadlines[0] } == true, "the next line has patience of its own")
        let orders = LinesJob(storage: ForgetfulStorage(failures: [away, away]))
        let outcome = try await orders.run("{\"op\":\"get\",\"id\":1}\n{\"op\":\"get\",\"id\":2}")
        #expect(outcome.statuses == [404, 404])
        let attempts = orders.storage.readDeadlines
        #expect(attempts.count == 4 && Set(attempts).count <= 2, "each of two that go on together has its own")
    }

    @Test("trouble that lasts stops the run before its line")
    func lastingTrouble() async throws {
        let away = StorageError(.unavailable, code: "locked", detail: "")
        var job = LinesJob(storage: ForgetfulStorage(failures: Array(repeating: away, count: 1_000)))
        job.settings = "retry_for: 100ms"
        let outcome = try await job.run("{\"op\":\"fly\"}\n\(orderLine(1))\n{\"op\":\"fly\"}\n\(orderLine(2))")
        #expect(outcome.statuses == [422])
        #expect(outcome.end == .unavailable)
        #expect(job.storage.orders.isEmpty)
    }

    @Test("without trouble no line runs out of patience, however many are under way", arguments: ["0s", "1ms"])
    func noPatience(retryFor: String) async throws {
        var job = LinesJob()
        job.settings = "retry_for: \(retryFor)\nwindow: 16384"
        let outcome = try await job.run((1...20_000).map { _ in orderLine(1) }.joined(separator: "\n"))
        #expect(outcome.end == .complete)
        #expect(job.storage.orders.count == 20_000)
    }

    @Test("a write whose fate is unknown stops the run before its line")
    func unknownFate() async throws {
        let unknown = StorageError(.outcomeUnknown, code: "io", detail: "")
        let outcome = try await LinesJob(storage: ForgetfulStorage(failures: [unknown])).run(orderLine(1))
        #expect(outcome.results.isEmpty)
        #expect(outcome.end == .unavailable)
    }

    @Test("a defect is printed, and the run goes on to say so in the end")
    func defects() async throws {
        var job = LinesJob(storage: ForgetfulStorage(failures: [StorageError(.failed, code: "corrupt", detail: "")]))
        job.settings = "window: 1"
        let outcome = try await job.run("\(orderLine(1))\n\(orderLine(2))")
        #expect(outcome.statuses == [500, 201])
        #expect(outcome.end == .internalError)
    }
}

/// Lets requests overtake each other.
struct Reshuffling: MiddlewarePlugin {
    static let name = "reshuffling"
    static let summary = "Lets requests overtake each other."

    init(_ configuration: ForgetfulStorage.Configuration, context: PluginContext) {}
    init() {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        for _ in 0..<Int.random(in: 0...5) { await Task.yield() }
        return try await next(request)
    }
}

/// Holds lists back.
private struct SlowLists: MiddlewarePlugin {
    static let name = "slow_lists"
    static let summary = "Holds lists back."

    private let delay: Duration

    init(_ configuration: ForgetfulStorage.Configuration, context: PluginContext) { delay = .zero }
    init(delay: Duration) { self.delay = delay }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        if case .list = request.operation { try await Task.sleep(for: delay) }
        return try await next(request)
    }
}

/// Lets no list go on before lines behind it were refused.
private struct LateList: MiddlewarePlugin {
    static let name = "late_list"
    static let summary = "Lets no list go on before lines behind it were refused."

    private final class Count: Sendable {
        let refusals = Atomic(0)
    }

    private let count = Count()
    private let least: Int

    init(_ configuration: ForgetfulStorage.Configuration, context: PluginContext) { least = 0 }
    init(refusals: Int) { least = refusals }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        switch request.operation {
        case .undecodable: count.refusals.add(1, ordering: .relaxed)
        case .list: while count.refusals.load(ordering: .relaxed) < least { await Task.yield() }
        default: break
        }
        return try await next(request)
    }
}
