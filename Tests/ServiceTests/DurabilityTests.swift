import Foundation
import OrderKernelTesting
import Testing

/// What was acknowledged is there, whatever happens to the process.
@Suite("Durability", .serialized, .timeLimit(.minutes(5)))
struct DurabilityTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    @Test("every order that was acknowledged before a SIGKILL is there afterwards, exactly once", arguments: 1...20)
    func killed(round: Int) async throws {
        let service = try folder.serve()
        let poster = try folder.startClient("poster.py", "\(try await service.port())", "8", "100000")
        while poster.output.count < 100 * round { await Task.yield() }
        service.send(signal: SIGKILL)
        #expect(await service.exitCode() == 128 + SIGKILL)
        await poster.exitCode()
        try poster.output.write(to: folder.file("acknowledged"))
        let mistakes = try await folder.client("acknowledged.py", "orders.db", "acknowledged")
        #expect(mistakes.output == "")
        #expect(mistakes.code == 0)
    }

    @Test("no answer leaves before its order is synchronised to the disk", .tracing)
    func synchronised() async throws {
        let log = try await traced("storage.sqlite.synchronous=full")
        #expect(log.answers == 400)
        #expect(log.unsynchronised == [])
    }

    @Test(
        "the check of the synchronisation notices a storage that does not synchronise",
        .tracing, arguments: ["off", "normal"])
    func unsynchronised(synchronous: String) async throws {
        let log = try await traced("storage.sqlite.synchronous=\(synchronous)")
        #expect(log.answers == 400)
        #expect(log.unsynchronised.count > 200)
    }

    @Test("no result line leaves before its order is synchronised to the disk", .tracing)
    func synchronisedLines() async throws {
        let lines = (0..<2_000).map { #"{"customer_id":"c0-\#($0)","wood_type":"oak","quantity":1}"# + "\n" }
        let input = try folder.write("orders.jsonl", lines.joined())
        let trace = folder.file("trace")
        let job = try folder.start(
            "run", "--set", "transport.json_lines.window=100", "--set", "transport.http=false",
            wrapper: SystemCallLog.strace(into: trace), input: input)
        #expect(await job.exitCode() == 0)
        let log = try await SystemCallLog(trace, in: folder)
        #expect(log.answers == 2_000)
        #expect(log.unsynchronised == [])
    }

    @Test(
        "no order is shown that another process may have left unsynchronised", .tracing)
    func synchronisedLater() async throws {
        let first = try folder.serve()
        let order = EndpointCase.Request.create(LinesTroubleTests.order, key: nil)
        #expect(try await HTTPClient(folder: folder, port: try await first.port()).answer(order).status == 201)
        first.send(signal: SIGKILL)
        await first.exitCode()
        let second = try folder.serve(wrapper: SystemCallLog.strace(into: folder.file("trace")))
        #expect(try await HTTPClient(folder: folder, port: try await second.port()).answer(.get("1")).status == 200)
        _ = try await folder.run("pkill", ["-TERM", "-P", "\(second.processIdentifier)"])
        await second.exitCode()
        let trace = try String(contentsOf: folder.file("trace"), encoding: .utf8).split(separator: "\n")
        let answer = try #require(trace.firstIndex { $0.contains("HTTP/1.1 200 OK") })
        #expect(trace[..<answer].contains { $0.contains("fdatasync(") && $0.contains("orders.db-wal>") })
    }

    /// So many that there are checkpoints while they are stored.
    private func manyOrders() throws -> URL {
        let lines = (0..<60_000).map { #"{"customer_id":"c\#($0 &* 7_919 % 10_007)","wood_type":"oak","quantity":1}"# }
        return try folder.write("orders.jsonl", lines.joined(separator: "\n"))
    }

    @Test("the writer does not wait alone for the disk to have what was in the log", .tracing)
    func synchronisedBesides() async throws {
        let job = try folder.start(
            "run", "--set", "transport.json_lines.window=64", "--set", "transport.http=false",
            wrapper: [
                "strace", "-f", "-y", "--seccomp-bpf", "-o", folder.file("trace").path, "-e", "trace=fdatasync,fsync",
            ], input: try manyOrders())
        #expect(await job.exitCode() == 0)
        let calls = try String(contentsOf: folder.file("trace"), encoding: .utf8).split(separator: "\n")
        let threads = calls.filter { $0.contains("orders.db>") }.map { $0.prefix { $0 != " " } }
        let writer = try #require(threads.first)  // it has made the file
        #expect(threads.count { $0 != writer } > threads.count { $0 == writer })
    }

    @Test("when the disk does not take the database, the log keeps all until the next start", .tracing)
    func lostPages() async throws {
        let setup = try folder.start("storage", "migrate")
        #expect(await setup.exitCode() == 0)
        let job = try folder.start(
            "run", "--set", "transport.json_lines={window: 64, retry_for: 1s}", "--set", "transport.http=false",
            wrapper: [
                "strace", "-f", "--seccomp-bpf", "-o", folder.file("trace").path, "-P", folder.file("orders.db").path,
                "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1",
            ], input: try manyOrders())
        #expect(await job.exitCode() == 69)
        #expect(job.errorLines.contains { $0.contains("the disk did not take the database: see to the disk") })
        let log = try FileManager.default.attributesOfItem(atPath: folder.file("orders.db-wal").path)
        #expect(log[.size] as? Int ?? 0 >= 32 << 20)
        let results = String(decoding: job.output, as: UTF8.self).split(separator: "\n")
        let count =
            "import sqlite3; print(*sqlite3.connect('orders.db').execute('SELECT count(*) FROM orders').fetchone())"
        let stored = try await folder.run("/usr/bin/python3", ["-c", count]).output
        #expect(stored == "\(results.count { $0.contains(#""status":201"#) })\n")
    }

    @Test(
        "when the disk does not take a batch its fate is unknown, the service says so, and goes on once it does",
        .attaching)
    func brokenDisk() async throws {
        let service = try folder.serve()
        let port = try await service.port()
        let client = HTTPClient(folder: folder, port: port)
        let order = EndpointCase.Request.create(#"{"customer_id":"c","wood_type":"oak","quantity":1}"#, key: nil)
        #expect(try await client.answer(order).status == 201)
        // In every thread the first synchronisation from now on fails.
        let fault = try OrderdProcess(
            command: [
                "strace", "-f", "-p", "\(service.processIdentifier)", "-o", "trace",
                "-e", "inject=fdatasync:error=EIO:when=1",
            ], in: folder.url)
        try await fault.errorLine(containing: "attached")
        #expect(try await client.answer(order).body.contains(#""type":"/problems/outcome_unknown""#))
        try await service.errorLine(containing: "io_error")
        try await service.errorLine(containing: "storage available again")
        #expect(try await client.answer(order).status == 201)
        fault.send(signal: SIGINT)
        await fault.exitCode()
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test(
        "when there is no room for the index of the log, the fate of a batch that the log has is unknown",
        .attaching)
    func fullIndex() async throws {
        let service = try folder.serve()
        let client = HTTPClient(folder: folder, port: try await service.port())
        // The index has room for 4062 pages of the log at first.
        let filling = """
            import sqlite3
            database = sqlite3.connect("orders.db", isolation_level=None)
            database.execute("PRAGMA wal_autocheckpoint = 0")
            database.execute("CREATE TABLE blanks AS SELECT zeroblob(3950 * page_size) FROM pragma_page_size")
            """
        #expect(try await folder.run("/usr/bin/python3", ["-c", filling]).code == 0)
        let fault = try OrderdProcess(
            command: [
                "strace", "-f", "-p", "\(service.processIdentifier)", "-o", "trace",
                "-P", folder.file("orders.db-shm").path, "-e", "inject=pwrite64:error=ENOSPC",
            ], in: folder.url)
        try await fault.errorLine(containing: "attached")
        let order = EndpointCase.Request.create(LinesTroubleTests.order, key: nil)
        var answer = try await client.answer(order)
        while answer.status == 201 { answer = try await client.answer(order) }
        #expect(answer.body.contains(#""type":"/problems/outcome_unknown""#))
        #expect(answer.body.contains("(disk_full)"))
        fault.send(signal: SIGINT)
        await fault.exitCode()
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    private func traced(_ setting: String) async throws -> SystemCallLog {
        let trace = folder.file("trace")
        let service = try folder.serve(setting, wrapper: SystemCallLog.strace(into: trace))
        let port = try await service.port()
        _ = try await folder.client("poster.py", "\(port)", "8", "400")
        _ = try await folder.run("pkill", ["-TERM", "-P", "\(service.processIdentifier)"])
        await service.exitCode()
        return try await SystemCallLog(trace, in: folder)
    }
}
