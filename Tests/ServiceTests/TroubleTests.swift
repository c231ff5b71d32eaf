import Foundation
import OrderKernelTesting
import Testing

/// What the process does when something that it needs is not to be had, and how it says so.
@Suite("Trouble", .timeLimit(.minutes(5)))
struct TroubleTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    @Test("a port that is taken is one clear line and exit code 69")
    func portTaken() async throws {
        let first = try folder.serve()
        let port = try await first.port()
        let second = try folder.start(
            "run", "--set", "transport.http.port=\(port)", "--set", "storage.sqlite.path=b.db")
        #expect(await second.exitCode() == 69)
        let line =
            "orderd: transport.http: Port \(port) on 127.0.0.1 is taken: choose another port, or stop what uses it."
        #expect(second.complaints == [line])
        first.send(signal: SIGTERM)
        #expect(await first.exitCode() == 0)
    }

    @Test(
        "a storage that cannot be opened is one clear line and exit code 69",
        arguments: [
            (
                "nowhere/orders.db",
                "The directory of nowhere/orders.db does not exist; create it, or change `path`."
            ), ("notes.txt", "notes.txt is no SQLite database."), (".", ". is a directory; name a file in it."),
        ])
    func storage(path: String, reason: String) async throws {
        try folder.write("notes.txt", String(repeating: "this is no database\n", count: 100))
        let service = try folder.start("run", "--set", "storage.sqlite.path=\(path)", "--set", "transport.http.port=0")
        #expect(await service.exitCode() == 69)
        #expect(service.complaints == ["orderd: storage.sqlite: \(reason)"])
    }

    @Test("a folder and a file that the user may not use are said in words", .enabled(if: geteuid() == 0, "for root"))
    func deniedDatabase() async throws {
        func errors() async throws -> String {
            let wrapper = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"]
            let service = try folder.serve("storage.sqlite.path=orders.db", wrapper: wrapper)
            #expect(await service.exitCode() == 69)
            return service.errorLines.joined(separator: "\n")
        }
        let reason = "orders.db cannot be opened: this user lacks the right to"
        #expect(try await errors().contains("\(reason) create files in its directory."))
        try folder.write("orders.db", "")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.file("orders.db").path)
        #expect(try await errors().contains("\(reason) read and write it."))
        // One that may be written, where SQLite cannot have its log beside it.
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: folder.file("orders.db").path)
        #expect(try await errors().contains("\(reason) create files in its directory."))
    }

    @Test("the database of another program is refused, and left as it is")
    func foreignDatabase() async throws {
        let program =
            "import sqlite3; d = sqlite3.connect('notes.db'); d.execute('CREATE TABLE notes (text)'); d.commit()"
        #expect(try await folder.run("/usr/bin/python3", ["-c", program]).code == 0)
        let before = try Data(contentsOf: folder.file("notes.db"))
        let service = try folder.start("run", "--set", "storage.sqlite.path=notes.db", "--set", "transport.http.port=0")
        #expect(await service.exitCode() == 69)
        let line = """
            orderd: storage.sqlite: notes.db belongs to another program: it has tables, and none of orderd's; \
            change `path`.
            """
        #expect(service.complaints == [line])
        #expect(try Data(contentsOf: folder.file("notes.db")) == before)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(files.filter { $0.hasPrefix("notes.db") } == ["notes.db"])
    }

    @Test("a link in the place of the usual profile that leads nowhere is an error")
    func danglingProfile() async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("orderd.yaml").path, withDestinationPath: "nowhere.yaml")
        let service = try folder.start("run", "--set", "transport.http.port=0")
        #expect(await service.exitCode() == 78)
        #expect(service.errorLines == ["orderd.yaml: the profile cannot be read: no such file or directory"])
    }

    @Test("a file that cannot be read is told to have no default, where one was meant")
    func fileDefault() async throws {
        try folder.write("orderd.yaml", "service: {name: '${file:nofile:-x}'}\n")
        let words = "the file nofile:-x cannot be read: no such file or directory; a file has no default here"
        #expect(try await self.words("validate 2>&1").contains(words))
    }

    @Test("an output that takes nothing is told")
    func fullOutput() async throws {
        let words = "orderd: cannot write standard output: No space left on device\n"
        for verb in ["validate", "plugins list", "config show", "storage plan"] {
            #expect(try await self.words("\(verb) 2>&1 >/dev/full") == words)
        }
    }

    /// What the binary says, run by a shell.
    private func words(_ command: String) async throws -> String {
        let binary = OrderdProcess.binary(named: "orderd").path
        return try await folder.run("/bin/sh", ["-c", "'\(binary)' \(command)"]).output
    }

    @Test("the order with the largest id there can be is answered, and those that would follow are not")
    func largestID() async throws {
        let service = try folder.serve()
        let port = try await service.port()
        let client = HTTPClient(folder: folder, port: port)
        let order = EndpointCase.Request.create(#"{"customer_id":"c","wood_type":"oak","quantity":1}"#, key: nil)
        #expect(try await client.answer(order).status == 201)
        let program = """
            import sqlite3
            database = sqlite3.connect("orders.db", timeout=60)
            database.execute("UPDATE orders SET id = 9223372036854775807 WHERE id = 1")
            database.commit()
            """
        #expect(try await folder.run("/usr/bin/python3", ["-c", program]).code == 0)
        #expect(try await client.answer(.get("9223372036854775807")).status == 200)
        #expect(try await client.answer(.update("9223372036854775807", #"{"status":"ready"}"#)).status == 200)
        #expect(try await client.answer(.list([("limit", "1")])).body.contains(#""id":9223372036854775807"#))
        #expect(try await client.answer(order).status == 500)
        #expect(try await client.answer(.get("9223372036854775807")).status == 200)
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("an unknown host is one clear line and exit code 69")
    func unknownHost() async throws {
        let service = try folder.start("run", "--set", "transport.http.host=no.such.host.invalid")
        #expect(await service.exitCode() == 69)
        #expect(service.complaints == ["orderd: transport.http: The host no.such.host.invalid is unknown."])
    }

    @Test("a standard file that is closed is no other file, and fails", arguments: [("<&-", 69), (">&-", 74)])
    func closedStandardFile(redirection: String, code: Int32) async throws {
        let input = try folder.write("input", #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n")
        let job = try folder.start(
            "run", "--set", "transport.http=false", "--set", "transport.json_lines=",
            wrapper: ["bash", "-c", "exec \"$@\" \(redirection)", "bash"], input: input)
        #expect(await job.exitCode() == code)
        let isUntouched = job.complaints.contains { $0.contains(": 0 lines, 0 created") }
        #expect(isUntouched == (code == 74), "nothing is stored without a result")
    }

    @Test("a signal ends a job that waits for somebody to read its named pipe")
    func unreadPipe() async throws {
        let job = try folder.start(
            "run", "--set", "transport.http=false", "--set", "transport.json_lines.output=pipe",
            wrapper: ["bash", "-c", #"mkfifo pipe; exec "$@""#, "bash"])
        try await job.errorLine(containing: "starting")
        while !FileManager.default.fileExists(atPath: folder.file("orders.db-shm").path) { await Task.yield() }
        job.send(signal: SIGTERM)
        #expect(await job.exitCode() == 75)
    }

    @Test("a signal in the middle of the input ends in exit code 75, with a result for all that was stored")
    func stoppedEarly() async throws {
        let line = #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n"
        try folder.write("input", String(repeating: line, count: 10))
        // The pipe stays open behind the ten lines: the input has no end.
        let job = try folder.start(
            "run", "--set", "transport.http=false", "--set", "transport.json_lines.input=pipe",
            wrapper: ["bash", "-c", #"mkfifo pipe; exec 3<>pipe; cat input >&3; exec "$@""#, "bash"])
        while job.output.count(where: { $0 == UInt8(ascii: "\n") }) < 10 { await Task.yield() }
        job.send(signal: SIGTERM)
        #expect(await job.exitCode() == 75)
        #expect(job.errorLines.contains { $0.hasPrefix("orderd: 10 lines, 10 created") })
    }

    @Test("a second signal ends the process at once")
    func secondSignal() async throws {
        let service = try folder.serve("service.shutdown_delay=1m")
        _ = try await service.port()
        service.send(signal: SIGTERM)
        try await service.errorLine(containing: "stopping")
        #expect(await exitCode(of: service, sending: SIGTERM) == 128 + SIGTERM)
    }

    /// Sends a signal until the process has ended: one that comes too soon after the first counts as the same.
    private func exitCode(of service: OrderdProcess, sending number: Int32) async -> Int32 {
        let sending = Task {
            while !Task.isCancelled {
                service.send(signal: number)
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        defer { sending.cancel() }
        return await service.exitCode()
    }

    @Test("two signals at once are one, as `timeout` sends them to a process and to its group")
    func signalsAtOnce() async throws {
        let service = try folder.serve()
        _ = try await service.port()
        service.send(signal: SIGTERM)
        service.send(signal: SIGINT)
        #expect(await service.exitCode() == 0)
    }

    @Test("while it waits for load balancers it is not ready, and still serves")
    func shutdownDelay() async throws {
        let service = try folder.serve("service.shutdown_delay=1m")
        let port = try await service.port()
        let client = HTTPClient(folder: folder, port: port)
        service.send(signal: SIGINT)
        try await service.errorLine(containing: "stopping")
        let ready = try await folder.run(
            "curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "127.0.0.1:\(port)/readyz"])
        #expect(ready.output == "503")
        #expect(try await client.answer(.list([])).status == 200)
        #expect(await exitCode(of: service, sending: SIGINT) == 128 + SIGINT)
    }

    @Test("a terminal that goes away stops the service, and one below `nohup` goes on", arguments: [false, true])
    func hangup(ignores: Bool) async throws {
        let wrapper = ignores ? ["bash", "-c", #"trap "" HUP; exec "$@""#, "bash"] : []
        let service = try folder.serve(wrapper: wrapper)
        _ = try await service.port()
        let status = try String(contentsOfFile: "/proc/\(service.processIdentifier)/status", encoding: .utf8)
        let ignored = try #require(status.firstMatch(of: /SigIgn:\s*([0-9a-f]+)/).flatMap { Int($0.1, radix: 16) })
        #expect((ignored & 1 << (SIGHUP - 1) != 0) == ignores)
        service.send(signal: ignores ? SIGTERM : SIGHUP)
        try await service.errorLine(containing: "stopping")
        #expect(await service.exitCode() == 0)
    }

    @Test("SIGQUIT ends a service at once")
    func quit() async throws {
        let service = try folder.serve()
        _ = try await service.port()
        service.send(signal: SIGQUIT)
        #expect(await service.exitCode() == 128 + SIGQUIT)
    }

    @Test("a file of lines that no transport reads is told")
    func unreadInput() async throws {
        let input = try folder.write("input", "{}")
        let service = try folder.start(
            "run", "--set", "transport.http.port=0", "--set", "logging.format=json", input: input)
        try await service.errorLine(containing: "nothing reads standard input")
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("the end of standard input does not stop an HTTP transport beside it")
    func bothTransports() async throws {
        let input = try folder.write("input", #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n")
        let service = try folder.start(
            "run", "--set", "transport.http.port=0", "--set", "transport.json_lines=", "--set", "logging.format=json",
            input: input)
        let port = try await service.port()
        try await service.errorLine(containing: "orderd: 1 lines, 1 created")
        let client = HTTPClient(folder: folder, port: port)
        #expect(try await client.answer(.get("1")).status == 200)
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("the neighbours of the replaced service are content")
    func neighbours() async throws {
        let profile = folder.root.appendingPathComponent("config/neighbours.yaml").path
        let service = try folder.start(
            "run", "--config", profile, "--set", "transport.http.port=0", "--set", "transport.http.host=127.0.0.1",
            "--set", "logging.format=json", "--set", "storage.sqlite.path=orders.db")
        let port = try await service.port()
        let played = try await folder.client("neighbours.py", "http://127.0.0.1:\(port)")
        #expect(played.output == "the neighbours are content\n")
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }
}

extension OrderdProcess {
    /// What the process has said to people, apart from its log.
    fileprivate var complaints: [String] { errorLines.filter { $0.hasPrefix("orderd: ") } }
}
