import OrderKernel
import OrderKernelTesting
import Testing

@Suite("Hostile HTTP clients", .timeLimit(.minutes(5)))
struct HostileClientTests {
    static let post = "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    static let chunked = "POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"

    @Test(
        "what is not HTTP is answered 400, and the connection ends",
        arguments: [
            "nonsense\r\n\r\n",
            "GET /orders HTTP/3.7\r\nHost: localhost\r\n\r\n",
            "GET /orders\u{1} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost : localhost\r\n\r\n",
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n{}",
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
            chunked + "Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            chunked + "\r\nzz\r\n{}\r\n0\r\n\r\n",
            chunked + "\r\n2\r\n{}garbage\r\n0\r\n\r\n",
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X: y\r\n", count: 200) + "\r\n",
        ])
    func malformed(request: String) async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            try await client.send(request + "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.problem == "bad_request")
            #expect(answer["Connection"] == "close")
            #expect(await client.rest() == "")
        }
    }

    @Test("a head with too many fields is answered, however many there are", arguments: [129, 240, 300, 1_000])
    func manyFields(count: Int) async throws {
        _ = try await HTTPService.run { http in
            let fields = (1...count).map { "X-Field-\($0): value\r\n" }.joined()
            let client = try await http.connect()
            try await client.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.body.contains("The head is too large."))
            #expect(await client.rest() == "")
        }
    }

    @Test("what is not HTTP is told with where it came from")
    func malformedPeer() async throws {
        let passed = PassedRequests()
        _ = try await HTTPService.run(middleware: [passed]) { http in
            _ = try await http.send("nonsense\r\n\r\n")
        }
        let metadata = try #require(passed.contexts.first?.metadata)
        var attributes = TelemetryAttributes()
        metadata.addAttributes(to: &attributes)
        #expect(attributes == [TelemetryAttribute("client.address", .string("127.0.0.1"))])
        metadata.addSpanAttributes(to: &attributes)
        #expect(attributes.map(\.key) == ["client.address", "network.peer.address", "network.peer.port"])
    }

    @Test(
        "a connection that ends within a request passes nothing on",
        arguments: ["GET /livez HT", post + "{", post, chunked + "\r\n1\r\n{\r\n"],
        ["the client closes its half", "the client is gone", "the client is too slow", "the service is cut"])
    func incomplete(start: String, end: String) async throws {
        let passed = PassedRequests()
        let limits = end == "the client is too slow" ? "header_timeout: 2s\nbody_timeout: 2s\nidle_timeout: 2s" : ""
        _ = try await HTTPService.run(limits, middleware: [passed]) { http in
            let client = try await http.connect()
            try await client.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n" + start)
            #expect(try await client.answer().status == 200)
            switch end {
            case "the client closes its half": try await client.closeOutput()
            case "the client is gone": try await client.close()
            case "the service is cut": http.cancel()
            default: break
            }
            #expect(await client.rest() == "")
        }
        #expect(passed.contexts.map(\.route.name) == ["GET /orders"])
    }

    @Test(
        "a host must be named, once, and be the service's",
        arguments: [
            ("GET /livez HTTP/1.1\r\n\r\n", 400), ("GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
            ("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
            ("GET /livez HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", 421),
            ("GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
            ("GET /livez HTTP/1.1\r\nHost: LOCALHOST:99\r\n\r\n", 200),
            ("GET /livez HTTP/1.1\r\nHost: [::1]:1\r\n\r\n", 200),
            ("GET /livez HTTP/1.1\r\nHost: 127.1.2.3\r\n\r\n", 200), ("GET /livez HTTP/1.0\r\n\r\n", 200),
        ])
    func hosts(request: String, status: Int) async throws {
        _ = try await HTTPService.run { http in
            let answer = try await http.send(request)
            #expect(answer.status == status)
        }
    }

    @Test(
        "a body that is said to be too large is refused unseen",
        arguments: ["1048577", "9223372036854775807", "9223372036854775808", "18446744073709551615"])
    func largeLength(length: String) async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            try await client.send(ConnectionTests.post("Content-Length: \(length)", body: ""))
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(answer.problem == "body_too_large")
            #expect(await client.rest() == "")
        }
    }

    @Test("a body that grows too large is refused while it comes")
    func largeBody() async throws {
        _ = try await HTTPService.run("max_body: 1KiB\nmax_buffered: 2KiB") { http in
            let client = try await http.connect()
            try await client.send(Self.chunked + "\r\n1000\r\n" + String(repeating: " ", count: 4_096))
            #expect(try await client.answer().status == 413)
            #expect(await client.rest() == "")
        }
    }

    @Test("a body with nothing but members that are not known has an answer of bounded size")
    func manyMembers() async throws {
        _ = try await HTTPService.run { http in
            let body = "{" + (0..<80_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
            let answer = try await http.send(
                ConnectionTests.post("Content-Length: \(body.utf8.count)", body: body))
            #expect(answer.status == 422)
            #expect(answer.body.contains(#""/996","detail":"is not known here"},{"pointer":"","detail":"has more "#))
            #expect(answer.body.utf8.count < 100_000)
        }
    }

    @Test("bodies that are too much together are refused, and what they held is free again")
    func manyBodies() async throws {
        _ = try await HTTPService.run("max_body: 1KiB\nmax_buffered: 1KiB") { http in
            let first = try await http.connect()
            // One write, so one read: when the first request is answered, the body behind it is held.
            try await first.send(
                ConnectionTests.get + "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
                    + String(repeating: " ", count: 999))
            #expect(try await first.answer().status == 200)
            var answer = try await http.send(ConnectionTests.post("Content-Length: 50", body: EndpointTests.order))
            #expect(answer.status == 503 && answer.problem == "overloaded")
            #expect(answer["Retry-After"] == "1")
            try await first.close()
            repeat {
                answer = try await http.send(
                    ConnectionTests.post("Content-Length: 50", body: EndpointTests.order))
            } while answer.status == 503
            #expect(answer.status == 201)
        }
    }

    @Test("connections beyond the limit are answered 503, and told that the process lives")
    func manyConnections() async throws {
        _ = try await HTTPService.run("max_connections: 1") { http in
            let first = try await http.connect()
            try await first.send(ConnectionTests.get)
            #expect(try await first.answer().status == 200)
            let second = try await http.connect()
            try await second.send(ShutdownTests.get(1))
            let answer = try await second.answer()
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            #expect(await second.rest() == "")
            let probe = try await http.connect()
            try await probe.send(ConnectionTests.get + ConnectionTests.get)
            let life = try await probe.answer()
            #expect(life.status == 200 && life["Connection"] == "close")
            #expect(await probe.rest() == "")
        }
    }

    @Test("connections that were refused take no places")
    func refusedConnections() async throws {
        _ = try await HTTPService.run("max_connections: 1") { http in
            let first = try await http.connect()
            try await first.send(ConnectionTests.get)
            #expect(try await first.answer().status == 200)
            for _ in 1...100 {
                let client = try await http.connect()
                try await client.send(ShutdownTests.get(1))
                #expect(try await client.answer().status == 503)
                try await client.close()
            }
            var silent: [HTTPClient] = []
            for _ in 1...100 { silent.append(try await http.connect()) }
            #expect(await silent[99].rest() == "")
            for client in silent { try await client.close() }
            try await first.close()
            var status: Int?
            repeat { status = try? await http.send(ShutdownTests.get(1)).status } while status != 404
        }
    }

    @Test(
        "a client that takes too long is cut off",
        arguments: [
            ("", "header"), ("GET /livez HT", "header"), (post + "{", "body"), (ConnectionTests.get, "idle"),
        ])
    func slow(start: String, limit: String) async throws {
        let limits = ["header", "body", "idle"].map { "\($0)_timeout: \($0 == limit ? "10ms" : "10m")" }
        _ = try await HTTPService.run(limits.joined(separator: "\n")) { http in
            let client = try await http.connect()
            if !start.isEmpty { try await client.send(start) }
            if limit == "idle" { #expect(try await client.answer().status == 200) }
            #expect(await client.rest() == "")
        }
    }

    @Test("a client that reads nothing is cut off, and holds up nobody")
    func readsNothing() async throws {
        let limits = "max_connections: 2\nheader_timeout: 10m\nbody_timeout: 50ms\nidle_timeout: 10m"
        _ = try await HTTPService.run(limits) { http in
            let client = try await http.connect()
            for _ in 1...200 {
                try await client.send(EndpointCase.Request.create(EndpointTests.order).http)
                #expect(try await client.answer().status == 201)
            }
            try await client.setReading(false)
            let list = "GET /orders?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try? await client.send(String(repeating: list, count: 1_000))
            let other = try await http.connect()
            try await other.send(ConnectionTests.get)
            #expect(try await other.answer().status == 200)
            // The other one keeps its place, so only that of the client can become free.
            var status: Int?
            repeat { status = try? await http.send(ConnectionTests.get).status } while status != 200
            try await client.close()
        }
    }
}
