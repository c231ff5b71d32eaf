import Foundation
import OrderKernelTesting
import Testing

@Suite("What the real binary says", .timeLimit(.minutes(5)))
struct WordsTests {
    private let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    private func words(_ command: String) async throws -> String {
        let binary = OrderdProcess.binary(named: "orderd").path
        return try await folder.run("/bin/sh", ["-c", "'\(binary)' \(command)"]).output
    }

    @Test(
        "a key of several sections is told its places, and what it may be short for in its own",
        arguments: [
            ("transport.http.timeout=5s", ", or did you mean 'header_timeout' or 'body_timeout' or 'idle_timeout'?"),
            ("storage.sqlite.timeout=5s", ", or did you mean 'busy_timeout'?"),
            ("storage.sqlite.body_timeout=5s", "belongs to transport.http\n"), ("sqlite=o.db", "belongs to storage\n"),
        ])
    func places(setting: String, words: String) async throws {
        let told = try await self.words("validate --set \(setting) 2>&1")
        #expect(told.contains("belongs to ") && told.contains(words), "\(told)")
    }

    @Test("an output that takes nothing is told")
    func fullOutput() async throws {
        let words = "orderd: cannot write standard output: No space left on device\n"
        for verb in ["validate", "plugins list", "config show", "storage plan"] {
            #expect(try await self.words("\(verb) 2>&1 >/dev/full") == words)
        }
    }

    @Test("a file that cannot be read is told to have no default, where one was meant")
    func fileDefault() async throws {
        try folder.write("orderd.yaml", "service: {name: '${file:nofile:-x}'}\n")
        let words = "the file nofile:-x cannot be read: no such file or directory; a file has no default here"
        #expect(try await self.words("validate 2>&1").contains(words))
    }
}
