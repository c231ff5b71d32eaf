import Foundation
import OrderKernelTesting
import Testing

/// Many connections to the real binary, and such as nothing comes from.
@Suite("Connections of the binary", .timeLimit(.minutes(5)))
struct ConnectionTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    /// The wrapper that runs a program under a limit of open files.
    func limited(_ limit: String) -> [String] { ["bash", "-c", "ulimit \(limit); exec \"$@\"", "bash"] }

    /// Opens connections, and keeps them.
    func connections(_ count: Int, to port: Int, sending request: String = "") async throws -> OrderdProcess {
        let client = try folder.startClient("connections.py", "\(port)", "\(count)", request)
        while !client.output.starts(with: Data("open".utf8)) { await Task.yield() }
        return client
    }

    func alive(_ port: Int, within seconds: Int) async throws -> Bool {
        try await folder.run("curl", ["-s", "-m", "\(seconds)", "127.0.0.1:\(port)/livez"]).code == 0
    }

    @Test(
        "without descriptors it waits for some, says so once, and goes on when they are there",
        .attaching)
    func noDescriptors() async throws {
        let service = try folder.serve(wrapper: limited("-n 64"))
        let port = try await service.port()
        let warning = try await service.errorLine(containing: "too few open files")
        #expect(warning.contains(#""limit":"64""#) && warning.contains("transport.http.max_connections 864"))
        let trace = try OrderdProcess(
            command: [
                "strace", "-f", "-p", "\(service.processIdentifier)", "-o", "trace", "-e", "trace=accept4",
            ], in: folder.url)
        try await trace.errorLine(containing: "attached")
        let client = try await connections(100, to: port)
        let wait = try await service.errorLine(containing: "connections have to wait")
        #expect(wait.contains(#""reason":"Too many open files""#))
        #expect(try await !alive(port, within: 1))
        client.send(signal: SIGKILL)
        await client.exitCode()
        #expect(try await alive(port, within: 60))
        trace.send(signal: SIGINT)
        await trace.exitCode()
        let calls = try String(contentsOf: folder.file("trace"), encoding: .utf8).split(separator: "\n")
        // Asking without a pause would fail thousands of times; and some are left to others.
        #expect((1...200).contains(calls.count))
        #expect(!calls.contains { $0.contains("EMFILE") })
        #expect(service.errorLines.count { $0.contains("connections have to wait") } == 1)
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("where there are hardly any descriptors, some clients are served all the same")
    func hardlyAny() async throws {
        let service = try folder.serve(wrapper: limited("-n 40"))
        let port = try await service.port()
        for _ in 1...3 { #expect(try await alive(port, within: 60)) }
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("it raises its own limit of open files as far as it may")
    func raisedLimit() async throws {
        let service = try folder.serve(wrapper: limited("-S -n 64"))
        let port = try await service.port()
        let client = try await connections(200, to: port, sending: #"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"#)
        #expect(!service.errorLines.contains { $0.contains("open files") || $0.contains("have to wait") })
        client.send(signal: SIGKILL)
        await client.exitCode()
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("a request whose body breaks off is not answered, but logged and counted with the others")
    func brokenBody() async throws {
        let service = try folder.serve("telemetry.prometheus=")
        let port = try await service.port()
        let life = #"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"#  // whose answer the client waits for
        let broken = #"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"#
        let client = try await connections(1, to: port, sending: life + broken)
        client.send(signal: SIGKILL)
        await client.exitCode()
        let line = try await service.errorLine(containing: "POST /orders")
        #expect(line.contains("400") && line.contains(#""url.path":"/orders""#))
        let metrics = try await folder.run("curl", ["-s", "127.0.0.1:\(port)/metrics"]).output
        let counts = metrics.split(separator: "\n").filter { $0.contains("request_duration_seconds_count") }
        #expect(counts.count == 1 && counts[0].contains(#"status_code="400""#) && counts[0].hasSuffix(" 1"))
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test(
        "a client that stays and sends nothing takes nothing from a shutdown",
        arguments: [
            "", #"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"#,
            #"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"#,
        ])
    func lingering(request: String) async throws {
        let service = try folder.serve()
        let client = try await connections(3, to: try await service.port(), sending: request)
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
        #expect(!service.errorLines.contains { $0.contains("cut") })
        client.send(signal: SIGKILL)
        await client.exitCode()
    }
}
