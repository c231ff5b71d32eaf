import Foundation
import OrderKernelTesting
import Testing

/// How a job of the real binary ends when its output, its input or its storage is in trouble.
@Suite("Jobs in trouble", .timeLimit(.minutes(5)))
struct LinesTroubleTests {
    static let order = #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n"

    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    func job(_ settings: String..., wrapper: [String] = [], input: URL? = nil) throws -> OrderdProcess {
        let settings = ["transport.http=false", "transport.json_lines.window=1024"] + settings
        return try OrderdProcess(
            ["run"] + settings.flatMap { ["--set", $0] }, in: folder.url, wrapper: wrapper, input: input)
    }

    @Test("results that do not fit on the disk end in exit code 74, and the orders are kept")
    func fullOutput() async throws {
        let input = try folder.write("input", String(repeating: Self.order, count: 100))
        let job = try job("transport.json_lines.output=/dev/full", input: input)
        #expect(await job.exitCode() == 74)
        #expect(try await folder.count("orders") == created(job))
    }

    @Test("standard output is called so, and what is wrong with it is the reason")
    func fullStandardOutput() async throws {
        try folder.write("input", Self.order)
        let binary = OrderdProcess.binary(named: "orderd").path
        let settings = "--set transport.http=false --set transport.json_lines= --set logging.format=json"
        let job = try OrderdProcess(
            command: ["bash", "-c", "'\(binary)' run \(settings) < input > /dev/full"], in: folder.url)
        #expect(await job.exitCode() == 74)
        let line = try #require(job.errorLines.first { $0.contains("results cannot be written") })
        #expect(line.contains(#""reason":"cannot write standard output: No space left on device""#))
    }

    @Test(
        "a disk that fills up under the results ends in exit code 74",
        .enabled(if: SmallDisk.isPossible, "no file system may be mounted here"))
    func fullDisk() async throws {
        let disk = try #require(SmallDisk(folder.file("disk"), bytes: 64 << 10))
        let input = try folder.write("input", String(repeating: Self.order, count: 5_000))
        let job = try job("transport.json_lines.output=disk/results", input: input)
        #expect(await job.exitCode() == 74)
        #expect(try await folder.count("orders") == created(job))
        disk.remove()
    }

    @Test(
        "an output that says when it is closed that it lost something ends in 74",
        .tracing)
    func failingClose() async throws {
        let input = try folder.write("input", Self.order)
        try folder.write("results", "")
        let job = try job(
            "transport.json_lines.output=results",
            wrapper: [
                "strace", "-f", "-o", "trace", "-P", folder.file("results").path, "-e", "trace=close",
                "-e", "inject=close:error=ENOSPC",
            ], input: input)
        #expect(await job.exitCode() == 74)
    }

    @Test("the summary counts what was stored, though nobody reads the results")
    func closedPipe() async throws {
        try folder.write("input", String(repeating: Self.order, count: 20_000))
        let binary = OrderdProcess.binary(named: "orderd").path
        let command = "'\(binary)' run --set transport.http=false --set transport.json_lines="
        let job = try OrderdProcess(
            command: ["bash", "-c", "\(command) < input | head -n 1 > /dev/null; exit ${PIPESTATUS[0]}"],
            in: folder.url)
        #expect(await job.exitCode() == 74)
        #expect(try await folder.count("orders") == created(job))
    }

    @Test("a job whose results nobody takes when it is cut says after which line, and ends in 74")
    func untakenResults() async throws {
        let input = try folder.write("input", String(repeating: Self.order, count: 20_000))
        let job = try job(
            "transport.json_lines.output=results", "service.shutdown_grace=100ms", "logging.level=error",
            wrapper: ["bash", "-c", #"mkfifo results; exec 3<>results; exec "$@""#, "bash"], input: input)
        let log = folder.file("orders.db-wal").path
        while (try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0 < 1 << 20 {
            try await Task.sleep(for: .milliseconds(10))
        }
        job.send(signal: SIGTERM)
        #expect(await job.exitCode() == 74)
        let line = try #require(job.errorLines.first { $0.contains("results cannot be written") })
        let last = try #require(line.firstMatch(of: /"after_line":"(\d+)"/).flatMap { Int($0.1) })
        #expect((1...2_000).contains(last))
    }

    @Test("whoever reads the results sees their end, though HTTP is still served")
    func endOfResults() async throws {
        try folder.write("input", Self.order)
        #expect(mkfifo(folder.file("results").path, 0o600) == 0)
        let service = try folder.serve(
            "transport.json_lines=", wrapper: ["bash", "-c", #"exec "$@" < input > results"#, "bash"])
        let results = try await folder.run("/usr/bin/timeout", ["30", "cat", "results"])
        #expect(results.code == 0)
        #expect(results.output.hasPrefix(#"{"line":1,"status":201,"#))
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("nor does a full standard error keep the results from their end, or the job from its own")
    func fullStandardError() async throws {
        try folder.write("input", Self.order)
        let reading = """
            import os, subprocess, sys
            reading, writing = os.pipe()
            os.set_blocking(writing, False)
            try:
                while True: os.write(writing, b"x" * 4096)
            except BlockingIOError: os.set_blocking(writing, True)
            job = subprocess.Popen(sys.argv[1:], stdin=open("input"), stdout=subprocess.PIPE, stderr=writing)
            results = job.stdout.read()
            print(results.count(b"\\n"), job.wait())
            """
        let job = ["--set", "transport.http=false", "--set", "transport.json_lines="]
        let result = try await folder.run(
            "/usr/bin/python3", ["-c", reading, OrderdProcess.binary(named: "orderd").path, "run"] + job)
        #expect(result.output == "1 0\n")
    }

    @Test("a line that is no object is refused, and the next one read")
    func noObject() async throws {
        let input = try folder.write("input", "[]\n" + Self.order)
        let job = try job(input: input)
        #expect(await job.exitCode() == 65)
        let results = String(decoding: job.output, as: UTF8.self).split(separator: "\n")
        #expect(results.count == 2)
        #expect(results.first?.hasPrefix(#"{"line":1,"status":422,"#) == true)
        #expect(results.last?.hasPrefix(#"{"line":2,"status":201,"#) == true)
    }

    @Test("a job that is stopped says before its summary after which line, and ends in 75")
    func stopped() async throws {
        let job = try job(
            "transport.json_lines.input=pipe", "logging.level=error",
            wrapper: ["bash", "-c", #"mkfifo pipe; exec 3<>pipe; exec "$@""#, "bash"])
        while !FileManager.default.fileExists(atPath: folder.file("pipe").path) { await Task.yield() }
        try FileHandle(forWritingTo: folder.file("pipe")).write(contentsOf: Data(("\n" + Self.order).utf8))
        while job.output.isEmpty { await Task.yield() }
        job.send(signal: SIGTERM)
        #expect(await job.exitCode() == 75)
        #expect(
            job.errorLines.first == "orderd: stopped early, after line 2 of the input; what follows was not answered")
        #expect(job.errorLines.last?.hasPrefix("orderd: 1 lines, 1 created, ") == true)
    }

    @Test("a job that is stopped while nobody reads its results says that no line was answered")
    func stoppedBeforeItBegan() async throws {
        let input = try folder.write("input", Self.order)
        try #require(mkfifo(folder.file("results").path, 0o600) == 0)
        let job = try job("transport.json_lines.output=results", input: input)
        try await job.errorLine(containing: "starting")
        job.send(signal: SIGTERM)
        #expect(await job.exitCode() == 75)
        #expect(job.errorLines.contains { $0.contains("stopped early, after line 0 ") || $0.contains("was begun") })
    }

    @Test("of several inputs it is said which one was stopped")
    func namedInputs() async throws {
        for name in ["a", "b"] { try #require(mkfifo(folder.file(name).path, 0o600) == 0) }
        let inputs = ["a", "b"].map { "transport.json_lines/\($0)={input: \($0), output: \($0).out}" }
        let job = try job(
            "transport.json_lines=false", inputs[0], inputs[1],
            wrapper: ["bash", "-c", #"exec 3<>a 4<>b; exec "$@""#, "bash"])
        try FileHandle(forWritingTo: folder.file("a")).write(contentsOf: Data((Self.order + Self.order).utf8))
        while (try? String(contentsOf: folder.file("a.out"), encoding: .utf8).count { $0 == "\n" }) != 2 {
            await Task.yield()
        }
        job.send(signal: SIGTERM)
        #expect(await job.exitCode() == 75)
        #expect(job.errorLines.contains { $0.hasPrefix("orderd: json_lines/a: stopped early, after line 2 ") })
        #expect(job.errorLines.contains { $0.hasPrefix("orderd: json_lines/a: 2 lines, 2 created, ") })
        #expect(job.errorLines.contains { $0.hasPrefix("orderd: json_lines/b: stopped early, after line 0 ") })
    }

    @Test("a start that fails beside a job has taken no line, emptied no file, and says why in one line")
    func failedStart() async throws {
        let service = try folder.serve("storage.sqlite.path=other.db")
        let port = try await service.port()
        let results = try folder.write("results", "of another run\n")
        let job = try folder.start(
            [
                "run", "--set", "transport.http.port=\(port)", "--set", "transport.json_lines.output=results",
                "--set", "transport.json_lines.input=\(try folder.write("input", Self.order).path)",
            ])
        #expect(await job.exitCode() == 69)
        #expect(job.errorLines.last?.hasPrefix("orderd: transport.http: Port \(port) on 127.0.0.1 is taken: ") == true)
        #expect(!job.errorLines.contains { $0.contains("process.cpu.time") }, "metrics of what never served")
        #expect(try await folder.count("orders") == 0)
        #expect(try String(contentsOf: results, encoding: .utf8) == "of another run\n")
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("an input that cannot be read has no summary")
    func unreadableInput() async throws {
        let job = try job("transport.json_lines.input=.", "logging.level=error")
        #expect(await job.exitCode() == 69)
        #expect(job.errorLines == ["orderd: transport.json_lines: cannot read .: Is a directory"])
    }

    @Test("an input that fails after a defect showed ends in 70, and the failure is told")
    func failingInput() async throws {
        let defect = """
            import os, pty, sqlite3, subprocess, sys, tty
            job = sys.argv[1:]
            subprocess.run(job, stdin=subprocess.DEVNULL, check=True)
            with sqlite3.connect("orders.db") as database:
                database.execute("CREATE TRIGGER defect BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'no'); END")
            reading, writing = pty.openpty()
            tty.setraw(writing)
            running = subprocess.Popen(job, stdin=reading, stdout=subprocess.PIPE)
            os.close(reading)
            os.write(writing, open("input", "rb").read())
            print(running.stdout.readline().decode(), end="", flush=True)
            os.close(writing)
            sys.exit(running.wait())
            """
        try folder.write("input", Self.order)
        let job = try OrderdProcess(
            command: ["/usr/bin/python3", "-c", defect, OrderdProcess.binary(named: "orderd").path, "run"]
                + ["transport.http=false", "transport.json_lines=", "logging.format=json"].flatMap { ["--set", $0] },
            in: folder.url)
        #expect(await job.exitCode() == 70)
        #expect(String(decoding: job.output, as: UTF8.self).hasPrefix(#"{"line":1,"status":500,"#))
        let line = try await job.errorLine(containing: "the run failed")
        #expect(line.contains("Input/output error"))
        try await job.errorLine(containing: " lines/s, 1 failed")
    }

    @Test(
        "standard output by a path goes on where others have written",
        arguments: ["/dev/stdout", "/dev/fd/1", "/dev//stdout"])
    func appending(path: String) async throws {
        try folder.write("input", Self.order)
        try folder.write("log", "old\n")
        let binary = OrderdProcess.binary(named: "orderd").path
        let settings = "--set transport.http=false --set transport.json_lines.output=\(path)"
        let job = try OrderdProcess(
            command: ["bash", "-c", "'\(binary)' run \(settings) < input >> log"], in: folder.url)
        #expect(await job.exitCode() == 0)
        let log = try String(contentsOf: folder.file("log"), encoding: .utf8)
        #expect(log.hasPrefix("old\n{\"line\":1,"))
    }

    @Test("without trouble a job without patience is answered whole, its reads too")
    func noPatience() async throws {
        let reads = #"{"op":"get","id":1}"# + "\n" + #"{"op":"list"}"# + "\n"
        let input = try folder.write("input", String(repeating: Self.order + reads, count: 20))
        let job = try job("transport.json_lines.retry_for=0s", input: input)
        #expect(await job.exitCode() == 0)
        #expect(
            job.errorLines.contains { $0.hasPrefix("orderd: 60 lines, 20 created, 0 replayed, 0 updated, 40 read, ") })
    }

    @Test("a job whose storage stays away says before which line it gave up, and ends in 69")
    func gaveUp() async throws {
        let job = try job(
            "transport.json_lines.input=pipe", "transport.json_lines.retry_for=100ms", "storage.sqlite.busy_timeout=0s",
            "logging.format=json",
            wrapper: ["bash", "-c", #"mkfifo pipe; exec 3<>pipe; exec "$@""#, "bash"])
        try await job.errorLine(containing: #""message":"ready""#)
        let lines = try FileHandle(forWritingTo: folder.file("pipe"))
        lines.write(Data(Self.order.utf8))
        while job.output.isEmpty { await Task.yield() }
        let lock = try OrderdProcess(
            command: ["/usr/bin/python3", "-c", Self.locking], in: folder.url)
        while lock.output.isEmpty { await Task.yield() }
        lines.write(Data((Self.order + Self.order).utf8))
        #expect(await job.exitCode() == 69)
        let line = try await job.errorLine(containing: "gave up")
        #expect(line.contains(#""before_line":"2""#) && line.contains(#""retry_for":"100ms""#))
        #expect(line.contains(#""reason":"Storage is unavailable ("#))
        #expect(job.errorLines.contains { $0.hasPrefix("orderd: 1 lines, 1 created") })
        let trouble = try await job.errorLine(containing: #""message":"storage unavailable""#)
        #expect(trouble.contains(#""code":"locked","reason":"database is locked (5)""#))
        lock.send(signal: SIGKILL)
        await lock.exitCode()
    }

    private static let locking = """
        import signal, sqlite3
        database = sqlite3.connect("orders.db", isolation_level=None, timeout=60)
        database.execute("BEGIN IMMEDIATE")
        print("locked", flush=True)
        signal.pause()
        """

    /// How many orders a job says that it created.
    private func created(_ job: OrderdProcess) throws -> Int {
        let summary = try #require(job.errorLines.first { $0.hasPrefix("orderd: ") && $0.contains(" lines, ") })
        return try #require(summary.firstMatch(of: /(\d+) created/).flatMap { Int($0.1) })
    }
}

extension ServiceFolder {
    /// Rows of a table of `orders.db`.
    func count(_ table: String) async throws -> Int {
        let program =
            "import sqlite3; print(*sqlite3.connect('orders.db').execute('SELECT count(*) FROM \(table)').fetchone())"
        let (output, code) = try await run("/usr/bin/python3", ["-c", program])
        try #require(code == 0)
        return try #require(Int(output.dropLast()))
    }
}
