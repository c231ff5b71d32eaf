import Foundation
import OrderKernelTesting
import Testing

/// What the real binary says of its readiness.
@Suite("Readiness of the binary", .timeLimit(.minutes(5)))
struct ReadinessTests {
    struct Readiness: Decodable {
        struct Plugin: Decodable {
            let kind: String
            let name: String
            let state: String
        }
        let status: String
        let plugins: [Plugin]
    }

    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    func readiness(_ port: Int) async throws -> Readiness {
        let answer = try await folder.run("curl", ["-s", "-m", "20", "127.0.0.1:\(port)/readyz"])
        return try JSONDecoder().decode(Readiness.self, from: Data(answer.output.utf8))
    }

    func status(_ path: String, _ port: Int) async throws -> String {
        try await folder.run(
            "curl", ["-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "127.0.0.1:\(port)\(path)"]
        ).output
    }

    @Test("it is ready when the last transport is, after exporters and storage")
    func order() async throws {
        let service = try folder.serve(
            "transport.json_lines={input: lines, output: results}",
            wrapper: ["bash", "-c", #"mkfifo lines results; exec 3<>lines; exec "$@""#, "bash"])
        let port = try await service.port()
        let before = try await readiness(port)
        #expect(before.status == "not_ready")
        #expect(before.plugins.map(\.kind) == ["exporter", "storage", "transport", "transport"])
        #expect(before.plugins.map(\.name) == ["console", "sqlite", "http", "json_lines"])
        #expect(before.plugins.map(\.state) == ["ready", "ready", "ready", "starting"])
        #expect(try await status("/readyz", port) == "503")
        #expect(try await status("/livez", port) == "200")
        #expect(!service.errorLines.contains { $0.contains(#""message":"ready""#) })
        let reader = try OrderdProcess(command: ["cat", "results"], in: folder.url)
        try await service.errorLine(containing: #""message":"ready""#)
        let after = try await readiness(port)
        #expect(after.status == "ready")
        #expect(after.plugins.allSatisfy { $0.state == "ready" })
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 75)
        await reader.exitCode()
    }

    @Test(
        "on a full disk it is unhealthy, and stays so until there is room",
        .enabled(if: SmallDisk.isPossible, "no file system may be mounted here"))
    func fullDisk() async throws {
        let disk = try #require(SmallDisk(folder.file("disk"), bytes: 4 << 20))
        let service = try folder.serve("storage.sqlite.path=disk/orders.db")
        let port = try await service.port()
        #expect(try await status("/health", port) == "200")
        // Writes as much as there is room for.
        _ = try await folder.run("bash", ["-c", "cat /dev/zero > disk/ballast"])
        let client = HTTPClient(folder: folder, port: port)
        let order = EndpointCase.Request.create(#"{"customer_id":"c","wood_type":"oak","quantity":1}"#, key: nil)
        while try await client.answer(order).status == 201 {}
        var answers: Set<String> = []
        for _ in 1...200 { answers.insert(try await status("/health", port)) }
        #expect(answers == ["503"])
        #expect(!service.errorLines.contains { $0.contains("available again") })
        try FileManager.default.removeItem(at: folder.file("disk/ballast"))
        try await service.errorLine(containing: "available again")
        #expect(try await status("/health", port) == "200")
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
        disk.remove()
    }
}
