import Foundation
import OrderKernelTesting
import Testing

/// One file, or one standard stream, that two parts of a profile would use.
@Suite("A file for two", .timeLimit(.minutes(5)))
struct SharedPathTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    func job(_ settings: String...) throws -> OrderdProcess {
        try folder.start(["run"] + (["transport.http=false"] + settings).flatMap { ["--set", $0] })
    }

    @Test(
        "results do not overwrite the orders, however the path is written",
        arguments: ["orders.db", ".//orders.db", "FOLDER/orders.db", "orders.db-wal", "FOLDER/orders.db-shm"])
    func resultsOverOrders(path: String) async throws {
        try folder.write("orders.db", "precious")
        // The folder as the process itself names it: temporary folders may be links.
        let directory = try await folder.run("pwd", ["-P"]).output.dropLast()
        let path = path.replacing("FOLDER", with: directory)
        let job = try job("transport.json_lines.output=\(path)")
        #expect(await job.exitCode() == 78)
        #expect(job.errorLines.count { $0.contains("for itself, which") } == 1)
        #expect(try String(contentsOf: folder.file("orders.db"), encoding: .utf8) == "precious")
    }

    @Test("nor do they through a link", arguments: ["before the database", "beside the database"])
    func linkedResults(time: String) async throws {
        if time == "beside the database" {
            #expect(await (try job("transport.json_lines.input=/dev/null")).exitCode() == 0)
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("results").path, withDestinationPath: "orders.db")
        let job = try job("transport.json_lines.input=/dev/null", "transport.json_lines.output=results")
        #expect(await job.exitCode() == 69)
        #expect(
            job.errorLines.last
                == "orderd: transport.json_lines.output and storage.sqlite.path are one file, "
                + "which both need for themselves.")
        let again = try self.job("transport.json_lines.input=/dev/null")
        #expect(await again.exitCode() == 0)
    }

    @Test("two readers of standard input are one problem, whatever they call it")
    func standardInput() async throws {
        let validation = try folder.start(
            "validate", "--format", "json", "--set", "transport.json_lines.input=/dev/stdin",
            "--set", "transport.json_lines/b={input: /proc/self/fd/0, output: results}")
        #expect(await validation.exitCode() == 78)
        let problems = try JSONSerialization.jsonObject(with: validation.output) as? [[String: Any]]
        #expect(problems?.count == 1)
        #expect((problems?.first?["message"] as? String)?.contains("needs standard input for itself") == true)
    }

    @Test("two writers of standard error are one problem")
    func standardError() async throws {
        let validation = try folder.start(
            "validate", "--set", "transport.json_lines.output=/dev/stderr", "--set", "telemetry.file.path=/dev/fd/2")
        #expect(await validation.exitCode() == 78)
        #expect(String(decoding: validation.output, as: UTF8.self).contains("needs standard error for itself"))
    }
}
