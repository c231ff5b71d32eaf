import OrderKernel
import OrderKernelTesting
import Testing

/// One request as bytes, and what must be answered.
struct HTTPCase: Sendable, CustomStringConvertible {
    let description: String
    let request: String
    let status: Int
    var fields: [String: String] = [:]
    /// Code of the problem; `nil` where there is none.
    var problem: String?
    /// The whole body, where it is always the same.
    var body: String?

    /// - Parameter head: The request line, and fields, without the `Host`.
    init(
        _ description: String, _ head: [String], body content: String? = nil, _ status: Int,
        fields: [String: String] = [:], problem: String? = nil, answers body: String? = nil
    ) {
        self.description = description
        var lines = head
        lines.insert("Host: localhost", at: 1)
        if let content { lines.append("Content-Length: \(content.utf8.count)") }
        self.request = lines.joined(separator: "\r\n") + "\r\n\r\n" + (content ?? "")
        self.status = status
        self.fields = fields
        self.problem = problem
        self.body = body
    }
}

@Suite("HTTP endpoints", .timeLimit(.minutes(5)))
struct EndpointTests {
    @Test("where a request has no span of its own, no answer names its trace")
    func serverTiming() async throws {
        _ = try await HTTPService.run("server_timing: true") { service in
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let answer = try await service.send(
                "GET /orders HTTP/1.1\r\nHost: localhost\r\ntraceparent: \(trace)\r\n\r\n")
            #expect(answer.status == 200 && answer["server-timing"] == nil)
        }
    }

    static let order = #"{"customer_id":"c","wood_type":"oak","quantity":5}"#
    static let answered =
        #"{"id":1,"customer_id":"c","wood_type":"oak","quantity":5,"status":"registered","#
        + #""created_at":"2025-11-08T10:30:00.000Z","updated_at":"2025-11-08T10:30:00.000Z","revision":1}"#

    /// The answer to an update under a weak tag.
    private static let conflict: String = {
        let detail = "The order has revision 1. If-Match names no revision; a weak tag never does."
        return #"{"type":"/problems/revision_conflict","title":"Revision conflict","status":412,"detail":"\#(detail)","#
            + #""error":"\#(detail)","request_id":"abc"}"#
    }()

    /// Each is sent to a service with one order.
    static let cases: [HTTPCase] = [
        HTTPCase(
            "an order is created", ["POST /orders HTTP/1.1"], body: order, 201,
            fields: ["ETag": "\"1\"", "Location": "/orders/2", "Content-Type": "application/json"]),
        HTTPCase(
            "an order is found", ["GET /orders/1 HTTP/1.1", "X-Request-Id: abc"], 200,
            fields: ["ETag": "\"1\"", "X-Request-Id": "abc", "Date": "Sat, 08 Nov 2025 10:30:00 GMT"],
            answers: answered),
        HTTPCase("a trailing slash makes no difference", ["GET /orders/1/ HTTP/1.1"], 200, answers: answered),
        HTTPCase("a path may be encoded", ["GET /%6frders/%31 HTTP/1.1"], 200, answers: answered),
        HTTPCase("a target may be a URL", ["GET http://localhost/orders/1 HTTP/1.1"], 200, answers: answered),
        HTTPCase("orders are listed", ["GET /orders HTTP/1.1"], 200, answers: "[\(answered)]"),
        HTTPCase(
            "orders are listed by status", ["GET /orders/status/registered HTTP/1.1"], 200, answers: "[\(answered)]"),
        HTTPCase(
            "a status without orders has an empty list", ["GET /orders/status/ready HTTP/1.1"], 200, answers: "[]"),
        HTTPCase(
            "a head has the length of the body", ["HEAD /orders/1 HTTP/1.1"], 200, fields: ["Content-Length": "172"]),
        HTTPCase(
            "an order that has not changed is not sent again",
            ["GET /orders/1 HTTP/1.1", "If-None-Match: \"7\", W/\"1\""], 304, fields: ["ETag": "\"1\""], answers: ""),
        HTTPCase("an order that has changed is sent", ["GET /orders/1 HTTP/1.1", "If-None-Match: \"7\""], 200),
        HTTPCase(
            "a bad condition is refused", ["GET /orders/1 HTTP/1.1", "If-None-Match: 1"], 400, problem: "bad_request"),
        HTTPCase(
            "an update under its revision is done", ["PUT /orders/1 HTTP/1.1", "If-Match: \"1\""],
            body: #"{"order_status":"ready"}"#, 200, fields: ["ETag": "\"2\""]),
        HTTPCase(
            "an update under another revision is refused", ["PUT /orders/1 HTTP/1.1", "If-Match: \"2\""],
            body: #"{"status":"ready"}"#, 412, problem: "revision_conflict"),
        HTTPCase(
            "a weak tag matches no revision, and that is said",
            ["PUT /orders/1 HTTP/1.1", "If-Match: W/\"1\"", "X-Request-Id: abc"], body: #"{"status":"ready"}"#, 412,
            problem: "revision_conflict",
            answers: conflict),
        HTTPCase(
            "any revision will do", ["PUT /orders/1 HTTP/1.1", "If-Match: *"], body: #"{"status":"ready"}"#, 200),
        HTTPCase("an id is a number", ["GET /orders/abc HTTP/1.1"], 404, problem: "unknown_order"),
        HTTPCase("ids begin with 1", ["GET /orders/0 HTTP/1.1"], 404, problem: "unknown_order"),
        HTTPCase("an id has no leading zeros", ["GET /orders/01 HTTP/1.1"], 404, problem: "unknown_order"),
        HTTPCase("an id fits 64 bits", ["GET /orders/99999999999999999999 HTTP/1.1"], 404, problem: "unknown_order"),
        HTTPCase("a status must exist", ["GET /orders/status/nonsense HTTP/1.1"], 400, problem: "invalid_query"),
        HTTPCase("a parameter must exist", ["GET /orders?colour=red HTTP/1.1"], 400, problem: "invalid_query"),
        HTTPCase("a query must be encoded", ["GET /orders?limit=%zz HTTP/1.1"], 400, problem: "invalid_query"),
        HTTPCase("a plus is a space", ["GET /orders?customer_id=a+b HTTP/1.1"], 200, answers: "[]"),
        HTTPCase("a path must be encoded", ["GET /orders/%zz HTTP/1.1"], 400, problem: "bad_request"),
        HTTPCase("a path must exist", ["GET /nowhere HTTP/1.1"], 404, problem: "unknown_path"),
        HTTPCase(
            "a method must be allowed", ["DELETE /orders/1 HTTP/1.1"], 405, fields: ["Allow": "GET, HEAD, PUT"],
            problem: "method_not_allowed"),
        HTTPCase(
            "a method must be known", ["OPTIONS /orders HTTP/1.1"], 405, fields: ["Allow": "GET, HEAD, POST"],
            problem: "method_not_allowed"),
        HTTPCase(
            "a body must be JSON", ["POST /orders HTTP/1.1", "Content-Type: text/plain"], body: order, 415,
            problem: "unsupported_media_type"),
        HTTPCase(
            "a type may have parameters", ["POST /orders HTTP/1.1", "content-type: Application/JSON; charset=utf-8"],
            body: order, 201),
        HTTPCase(
            "a body must not be encoded", ["POST /orders HTTP/1.1", "Content-Encoding: gzip"], body: order, 415,
            problem: "unsupported_media_type"),
        HTTPCase(
            "an encoding stands in any of its fields",
            ["POST /orders HTTP/1.1", "Content-Encoding: gzip", "Content-Encoding: identity"], body: order, 415,
            problem: "unsupported_media_type"),
        HTTPCase("a body must not be empty", ["POST /orders HTTP/1.1"], 400, problem: "invalid_json"),
        HTTPCase(
            "a body must be JSON to its end", ["POST /orders HTTP/1.1"], body: order + "x", 400, problem: "invalid_json"
        ),
        HTTPCase("a body is no array", ["POST /orders HTTP/1.1"], body: "[]", 422, problem: "invalid_order"),
        HTTPCase(
            "a key must not be empty", ["POST /orders HTTP/1.1", "Idempotency-Key: \"\""], body: order, 400,
            problem: "bad_request"),
        HTTPCase(
            "another host is refused", ["GET /orders/1 HTTP/1.1", "Host: localhost"], 400, problem: "bad_request"),
        HTTPCase(
            "a page from elsewhere may not write", ["POST /orders HTTP/1.1", "Origin: http://evil.example"],
            body: order, 403, problem: "foreign_origin"),
        HTTPCase(
            "a page from another port may not write", ["POST /orders HTTP/1.1", "Origin: http://localhost:8080"],
            body: order, 403, problem: "foreign_origin"),
        HTTPCase(
            "a page without an origin may not write", ["POST /orders HTTP/1.1", "Origin: null"], body: order, 403,
            problem: "foreign_origin"),
        HTTPCase(
            "a page of the service may write", ["POST /orders HTTP/1.1", "Origin: http://localhost"], body: order, 201),
        HTTPCase(
            "a page from elsewhere may read", ["GET /orders/1 HTTP/1.1", "Origin: http://evil.example"], 200),
        HTTPCase(
            "an expectation must be known", ["POST /orders HTTP/1.1", "Expect: tea"], body: order, 417,
            fields: ["Connection": "close"], problem: "expectation_failed"),
        HTTPCase(
            "every expectation must be known", ["POST /orders HTTP/1.1", "Expect: tea", "Expect: 100-continue"],
            body: order, 417, fields: ["Connection": "close"], problem: "expectation_failed"),
        HTTPCase("a target has no fragment", ["GET /orders#x HTTP/1.1"], 400, problem: "bad_request"),
        HTTPCase("there are no tunnels", ["CONNECT orders.example:443 HTTP/1.1"], 400, problem: "bad_request"),
        HTTPCase("health is told", ["GET /health HTTP/1.1"], 200, answers: #"{"status":"healthy"}"#),
        HTTPCase("life is told", ["GET /livez?probe HTTP/1.1"], 200, answers: #"{"status":"alive"}"#),
        HTTPCase(
            "readiness is told", ["GET /readyz HTTP/1.1"], 200,
            answers: #"{"status":"ready","plugins":[{"kind":"transport","name":"http","state":"ready","#
                + #""since":"2025-11-08T10:30:00.000Z"}]}"#),
        HTTPCase(
            "an upgrade is not taken", ["GET /orders/1 HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c"], 200,
            fields: ["Connection": "close"], answers: answered),
    ]

    @Test("a request gets its answer", arguments: cases)
    func answers(_ test: HTTPCase) async throws {
        _ = try await HTTPService.run(time: ManualDate()) { http in
            _ = try await http.send(
                "POST /orders HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Length: \(Self.order.utf8.count)\r\n\r\n\(Self.order)")
            let answer = try await http.send(test.request)
            #expect(answer.status == test.status)
            #expect(answer.problem == test.problem, "\(answer.body)")
            for (name, value) in test.fields { #expect(answer[name] == value) }
            if let body = test.body { #expect(answer.body == body) }
            if test.problem != nil { #expect(answer["Content-Type"] == "application/problem+json") }
            #expect(answer["X-Request-Id"] != nil)
        }
    }

    @Test("the link to the next page keeps the other parameters")
    func link() async throws {
        _ = try await HTTPService.run { http in
            for _ in 1...3 { _ = try await http.send(EndpointCase.Request.create(Self.order).http) }
            let first = try await http.send(
                "GET /orders?skip=1&limit=1&customer_id=%63 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(first["Link"] == "</orders?limit=1&customer_id=c&after=a2>; rel=\"next\"")
            let next = try await http.send(
                "GET /orders?limit=1&customer_id=c&after=a2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(next["Link"] == nil)
            let byStatus = try await http.send(
                "GET /orders/status/registered?limit=2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(byStatus["Link"] == "</orders/status/registered?limit=2&after=a2>; rel=\"next\"")
        }
    }

    @Test("a key that is used again gives the order again, quoted or not")
    func replay() async throws {
        _ = try await HTTPService.run { http in
            let first = try await http.send(EndpointCase.Request.create(Self.order, key: "k 1").http)
            let second = try await http.send(EndpointCase.Request.create(Self.order, key: "\"k 1\"").http)
            #expect(first["Idempotency-Replayed"] == nil)
            #expect(second["Idempotency-Replayed"] == "true")
            #expect(second.status == 201)
            #expect(second.body == first.body)
        }
    }

    @Test("spaces and tabs behind a field's value are no part of it")
    func spaceBehindValues() async throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let passed = PassedRequests()
        _ = try await HTTPService.run(middleware: [passed]) { http in
            _ = try await http.send(EndpointCase.Request.create(Self.order, key: "k 1").http)
            let again = try await http.send(EndpointCase.Request.create(Self.order, key: "k 1 \t").http)
            #expect(again["Idempotency-Replayed"] == "true")
            let fields = "Host: localhost\t\r\nX-Request-Id: abc  \r\nTraceparent: \(trace) \r\n"
            let found = try await http.send("GET /orders/1 HTTP/1.1\r\n\(fields)\r\n")
            #expect(found.status == 200)
            #expect(found["X-Request-Id"] == "abc")
            let chunk = "\(String(Self.order.utf8.count, radix: 16))\r\n\(Self.order)\r\n0\r\n\r\n"
            let coding = "Host: localhost\r\nTransfer-Encoding: chunked \r\n"
            #expect(try await http.send("POST /orders HTTP/1.1\r\n\(coding)\r\n\(chunk)").status == 201)
        }
        let metadata = try #require(passed.contexts.first { $0.route.name == "GET /orders/{id}" }?.metadata)
        #expect(metadata.values(for: "traceparent") == [trace])
    }

    @Test("who is not known is told how to say who it is", arguments: [nil, #"Basic realm="orders""#])
    func challenge(challenge: String?) async throws {
        var problem = Problem(.unauthorized, "Who are you?")
        if let challenge { problem.challenge = challenge }
        let middleware = RefusingMiddleware(problem)
        _ = try await HTTPService.run(middleware: [middleware]) { service in
            let answer = try await service.send("GET /orders/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(answer.status == 401)
            #expect(answer["WWW-Authenticate"] == challenge ?? "Bearer")
        }
    }
}

extension EndpointCase.Request {
    /// The request as HTTP/1.1 has it.
    var http: String {
        switch self {
        case .create(let order, let key):
            message("POST /orders", key.map { ["Idempotency-Key: \($0)"] } ?? [], order)
        case .get(let id):
            message("GET /orders/\(id)", [], nil)
        case .list(let parameters):
            message("GET /orders?" + parameters.map { "\($0.0)=\($0.1)" }.joined(separator: "&"), [], nil)
        case .update(let id, let change, let revision):
            message("PUT /orders/\(id)", revision.map { ["If-Match: \"\($0)\""] } ?? [], change)
        }
    }

    private func message(_ start: String, _ fields: [String], _ body: String?) -> String {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        return (["\(start) HTTP/1.1", "Host: localhost"] + fields + length + ["", body ?? ""]).joined(separator: "\r\n")
    }
}

/// The machine's clock, but always on one date.
struct ManualDate: TimeSource {
    private let system = SystemTime()

    var now: Instant { system.now }
    var date: Timestamp { Timestamp(milliseconds: 1_762_597_800_000) }

    func sleep(until instant: Instant) async throws { try await system.sleep(until: instant) }
}

/// Refuses every request.
private struct RefusingMiddleware: MiddlewarePlugin {
    static let name = "refusing"
    static let summary = "Refuses."
    let problem: Problem

    init(_ configuration: PassedRequests.Configuration, context: PluginContext) {
        self.init(Problem(.forbidden, "No."))
    }
    init(_ problem: Problem) { self.problem = problem }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { throw problem }
}
