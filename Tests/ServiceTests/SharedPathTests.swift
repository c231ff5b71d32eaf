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

    @Test("telemetry is not put aside over results", arguments: ["t.jsonl.1", "./t.jsonl.3"])
    func rotatedTelemetry(path: String) async throws {
        let job = try job("telemetry.file.path=t.jsonl", "transport.json_lines.output=\(path)")
        #expect(await job.exitCode() == 78)
        #expect(job.errorLines.count { $0.contains("for itself, which") } == 1)
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
                == "orderd: transport.json_lines.output (the file 'results') and storage.sqlite.path "
                + "(the file 'orders.db') are one file, "
                + "which both need for themselves.")
        let again = try self.job("transport.json_lines.input=/dev/null")
        #expect(await again.exitCode() == 0)
    }

    @Test("results do not overwrite the profile, not through a link either", arguments: ["b.yaml", "./b.yaml", "link"])
    func resultsOverProfile(path: String) async throws {
        let text = "transport: {json_lines: {input: /dev/null}}\n"
        try folder.write("b.yaml", text)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link").path, withDestinationPath: "b.yaml")
        let job = try folder.start("run", "--config", "b.yaml", "--set", "transport.json_lines.output=\(path)")
        #expect(await job.exitCode() == (path == "link" ? 69 : 78))
        let message =
            path == "link"
            ? "transport.json_lines.output (the file 'link') and the profile (the file 'b.yaml') are one file"
            : "needs the file '\(path)' for itself, which the profile has taken"
        #expect(job.errorLines.contains { $0.contains(message) })
        #expect(try String(contentsOf: folder.file("b.yaml"), encoding: .utf8) == text)
    }

    @Test("a profile from standard input may have a job that reads it", arguments: ["/dev/stdin", "/proc/self/fd/0"])
    func profileFromStandardInput(path: String) async throws {
        let input = try folder.write("b.yaml", "transport: {json_lines: {output: /dev/null}}\n")
        let validation = try folder.start("validate", "--config", path, input: input)
        #expect(await validation.exitCode() == 0)
    }

    @Test(
        "results over the input are one problem, at the later of the two",
        arguments: ["in", "./in", "FOLDER/in", "FOLDER/a/../in"])
    func resultsOverInput(path: String) async throws {
        let directory = try await folder.run("pwd", ["-P"]).output.dropLast()
        let path = path.replacing("FOLDER", with: directory)
        try folder.write("b.yaml", "transport: {json_lines: {\n  input: in,\n  output: \(path)}}\n")
        let validation = try folder.start("validate", "--config", "b.yaml")
        #expect(await validation.exitCode() == 78)
        let lines = String(decoding: validation.output, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.filter { !$0.hasSuffix("^") } == [
                "b.yaml:3:11: transport.json_lines.output: transport.json_lines needs the file '\(path)' for itself, "
                    + "which transport.json_lines.input (line 2) has taken", "    output: \(path)}}",
                "  b.yaml:2:10: transport.json_lines.input takes the file 'in' here",
            ])
    }

    @Test(
        "behind a link, `..` leads away from where the link does",
        arguments: [("far/in", "link/../in", 78), ("in", "link/../in", 0), ("in", "far/deep/../../in", 78)])
    func parentOfLink(input: String, output: String, code: Int32) async throws {
        let deep = folder.file("far").appendingPathComponent("deep")
        try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(at: folder.file("link"), withDestinationURL: deep)
        let paths = "{input: \(input), output: \(output)}"
        try folder.write("orderd.yaml", "transport: {json_lines: \(paths)}\n")
        #expect(await (try folder.start("validate")).exitCode() == code)
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
