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

    @Test("no answer leaves before its order is synchronised to the disk", .enabled(if: hasStrace))
    func synchronised() async throws {
        let log = try await traced("storage.sqlite.synchronous=full")
        #expect(log.answers > 0)
        #expect(log.unsynchronised == [])
    }

    @Test("the check of the synchronisation notices a storage that does not synchronise", .enabled(if: hasStrace))
    func unsynchronised() async throws {
        let log = try await traced("storage.sqlite.synchronous=off")
        #expect(log.answers > 0)
        #expect(log.unsynchronised.count == log.answers)
    }

    @Test("no result line leaves before its order is synchronised to the disk", .enabled(if: hasStrace))
    func synchronisedLines() async throws {
        // One line: the next could be written to the log while the result of the one before leaves.
        let input = try folder.write("orders.jsonl", #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n")
        let trace = folder.file("trace")
        let job = try folder.start(
            "run", "--set", "transport.json_lines=", "--set", "transport.http=false",
            wrapper: SystemCallLog.strace(into: trace), input: input)
        #expect(await job.exitCode() == 0)
        let log = try SystemCallLog(trace, answer: #""status\":201"#)
        #expect(log.answers == 1)
        #expect(log.unsynchronised == [])
    }

    private func traced(_ setting: String) async throws -> SystemCallLog {
        let trace = folder.file("trace")
        let service = try folder.serve(setting, wrapper: SystemCallLog.strace(into: trace))
        let port = try await service.port()
        _ = try await folder.client("poster.py", "\(port)", "1", "10")
        _ = try await folder.run("pkill", ["-TERM", "-P", "\(service.processIdentifier)"])
        await service.exitCode()
        return try SystemCallLog(trace, answer: "HTTP/1.1 201")
    }
}

let hasStrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
