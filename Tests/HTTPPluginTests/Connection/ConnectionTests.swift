import OrderKernel
import OrderKernelTesting
import Testing

@Suite("HTTP connections", .timeLimit(.minutes(5)))
struct ConnectionTests {
    static let get = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    static let order = EndpointTests.order

    static func post(_ fields: String..., body: String? = nil) -> String {
        (["POST /orders HTTP/1.1", "Host: localhost"] + fields + ["", body ?? ""]).joined(separator: "\r\n")
    }

    @Test("a connection serves one request after another")
    func keepAlive() async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            for _ in 1...3 {
                try await client.send(Self.get)
                let answer = try await client.answer()
                #expect(answer.status == 200)
                #expect(answer["Connection"] == nil)
            }
        }
    }

    @Test("a hundred requests in one packet are answered in their order")
    func pipelining() async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            let requests = (1...100).map {
                "GET /orders/\($0) HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: r\($0)\r\n\r\n"
            }
            try await client.send(requests.joined())
            for number in 1...100 {
                let answer = try await client.answer()
                #expect(answer["X-Request-Id"] == "r\(number)")
            }
        }
    }

    @Test("a request may come byte by byte")
    func byteByByte() async throws {
        _ = try await HTTPService.run("header_timeout: 5m\nbody_timeout: 5m") { http in
            let client = try await http.connect()
            let request = Self.post("Content-Length: \(Self.order.utf8.count)", body: Self.order)
            for byte in request { try await client.send(String(byte)) }
            #expect(try await client.answer().status == 201)
        }
    }

    @Test("a body may come in chunks")
    func chunks() async throws {
        _ = try await HTTPService.run { http in
            let (first, second) = (Self.order.prefix(10), Self.order.dropFirst(10))
            let body = "a\r\n\(first)\r\n\(String(second.utf8.count, radix: 16))\r\n\(second)\r\n0\r\n\r\n"
            let answer = try await http.send(Self.post("Transfer-Encoding: chunked", body: body))
            #expect(answer.status == 201)
        }
    }

    @Test("a client that closes its half still gets its answers")
    func halfClosed() async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            try await client.send(Self.get + Self.get)
            try await client.closeOutput()
            #expect(try await client.answer().status == 200)
            #expect(try await client.answer().status == 200)
            #expect(await client.rest() == "")
        }
    }

    @Test("a request that is complete when the client closes its half is still answered, however long that takes")
    func halfClosedMeanwhile() async throws {
        let storage = HeldStorage()
        _ = try await HTTPService.run(storage: storage) { http in
            let order = try await http.connect()
            try await order.send(Self.post("Content-Length: \(Self.order.utf8.count)", body: Self.order))
            try await order.closeOutput()
            #expect(try await order.answer().status == 201)
            let read = try await http.connect()
            try await read.send(ShutdownTests.get(1))
            for await _ in storage.reads.stream { break }
            try await read.closeOutput()
            #expect(try await http.send(Self.get).status == 200)
            storage.release()
            #expect(try await read.answer().status == 404)
            #expect(await read.rest() == "")
        }
    }

    @Test(
        "a connection ends where the client wants it",
        arguments: [
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET /livez HTTP/1.0\r\n\r\n",
        ])
    func closes(request: String) async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            try await client.send(request)
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(answer["Connection"] == "close")
            #expect(await client.rest() == "")
        }
    }

    @Test("a connection of HTTP/1.0 ends behind a chunked body, of which it knows nothing")
    func chunkedByOldClient() async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            let body = String(Self.order.utf8.count, radix: 16) + "\r\n\(Self.order)\r\n0\r\n\r\n"
            let fields = "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await client.send("POST /orders HTTP/1.0\r\n" + fields + body + Self.get)
            let answer = try await client.answer()
            #expect(answer.status == 201 && answer["Connection"] == "close")
            #expect(await client.rest() == "")
        }
    }

    @Test("a connection of HTTP/1.0 stays where the client wants it")
    func staysOpen() async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            for _ in 1...2 {
                try await client.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await client.answer()["Connection"] == "keep-alive")
            }
        }
    }

    @Test("a client that waits before it sends the body is told to go on")
    func continues() async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            try await client.send(Self.post("Expect: 100-continue", "Content-Length: \(Self.order.utf8.count)"))
            #expect(try await client.answer().status == 100)
            try await client.send(Self.order)
            #expect(try await client.answer().status == 201)
        }
    }

    @Test("a client that waits before it sends the body is not told to go on in vain")
    func refusesEarly() async throws {
        _ = try await HTTPService.run("max_body: 100B\nmax_buffered: 1KiB") { http in
            let client = try await http.connect()
            try await client.send(Self.post("Expect: 100-continue", "Content-Length: 101"))
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(answer["Connection"] == "close")
            #expect(await client.rest() == "")
        }
    }

    @Test(
        "a request that announces more than the largest body is answered at once, and the connection ends",
        arguments: [
            ("POST /orders", 413), ("GET /orders/1", 413), ("GET /livez", 413), ("POST /nowhere", 404),
            ("DELETE /orders/1", 405),
        ], ["", "Expect: 100-continue\r\n"])
    func refusesAnnounced(request: (line: String, status: Int), expectation: String) async throws {
        _ = try await HTTPService.run("max_body: 100B\nmax_buffered: 1KiB") { http in
            let client = try await http.connect()
            try await client.send(
                "\(request.line) HTTP/1.1\r\nHost: localhost\r\n\(expectation)Content-Length: 101\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer.status == request.status)
            #expect(answer["Connection"] == "close")
            #expect(await client.rest() == "")
        }
    }

    @Test(
        "a client that waits before it sends the body is refused at once, whatever the reason",
        arguments: [
            ("POST /nowhere", "Host: localhost", 404), ("DELETE /orders", "Host: localhost", 405),
            ("POST /orders", "Host: elsewhere.example", 421),
            ("POST /orders", "Host: localhost\r\nOrigin: http://e", 403),
            ("POST http:/%", "Host: localhost", 400),
        ])
    func refusesWaiting(line: String, host: String, status: Int) async throws {
        _ = try await HTTPService.run { http in
            let client = try await http.connect()
            try await client.send("\(line) HTTP/1.1\r\n\(host)\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
            #expect(try await client.answer().status == status)
            #expect(await client.rest() == "")
        }
    }
}
