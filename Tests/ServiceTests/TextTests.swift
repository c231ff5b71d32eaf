import Foundation
import OrderKernelTesting
import Testing

/// What the command line and the environment hold is bytes, and what profiles hold is text.
@Suite("Texts from outside", .timeLimit(.minutes(5)))
struct TextTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    /// Runs a line of bash in which `orderd` is the program.
    private func bash(_ line: String) async throws -> (code: Int32, output: String, errors: [String]) {
        let process = try OrderdProcess(
            command: ["bash", "-c", "orderd() { '\(OrderdProcess.binary(named: "orderd").path)' \"$@\"; }; " + line],
            in: folder.url)
        let code = await process.exitCode()
        return (code, String(decoding: process.output, as: UTF8.self), process.errorLines)
    }

    @Test("an argument that is not UTF-8 is refused, and never taken for another")
    func argument() async throws {
        let result = try await bash(#"orderd validate --set $'storage.sqlite.path=\xff.db'"#)
        #expect(result.code == 64)
        #expect(result.errors == ["orderd: argument 3 is not UTF-8 text"])
    }

    @Test(
        "a variable that is not UTF-8 is refused where it is substituted, also where there is a default",
        arguments: ["${DB}", "${DB:-a.db}", "${DB:?}"])
    func variable(text: String) async throws {
        let result = try await bash(
            #"export DB=$'\xff.db'; orderd validate --set 'storage.sqlite.path=\#(text)'"#)
        #expect(result.code == 78)
        #expect(result.output.contains("storage.sqlite.path: the environment variable DB is not UTF-8 text\n"))
    }

    @Test("a variable that a setting reads counts as unset, which is told, and others do not matter")
    func setting() async throws {
        let line = #"export OTEL_SERVICE_NAME=$'a\xff' OTHER=$'\xfe'; orderd "#
        let result = try await bash(line + "validate")
        #expect(result.code == 0)
        #expect(result.errors == ["orderd: OTEL_SERVICE_NAME=… counts as unset: is not UTF-8 text"])
        #expect(try await bash(line + "config show").output.contains("  name: order  # default\n"))
    }

    @Test("a variable that is not UTF-8 is no missing one")
    func withoutEnvironment() async throws {
        let set = #"--set 'storage.sqlite.path=${DB}'"#
        let result = try await bash(#"export DB=$'\xff.db'; orderd validate --without-environment "# + set)
        #expect(result.code == 78)
    }

    @Test("a problem's type is explained as its code is")
    func type() async throws {
        let byType = try await bash("orderd explain /problems/invalid_json")
        let byCode = try await bash("orderd explain invalid_json")
        #expect(byType.code == 0 && byType.output == byCode.output && byType.output.hasPrefix("invalid_json\n"))
    }
}
