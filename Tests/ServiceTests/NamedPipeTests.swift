import Foundation
import OrderKernelTesting
import Testing

/// A named pipe where a profile is expected.
@Suite("A profile from a named pipe", .timeLimit(.minutes(5)))
struct NamedPipeTests {
    let folder: ServiceFolder

    init() throws {
        folder = try ServiceFolder()
        try #require(mkfifo(folder.file("pipe").path, 0o600) == 0)
    }

    @Test(
        "what is written into it is read, however late",
        arguments: [("pipe", "transport: {http: {port: x}}\n"), ("whole.yaml", "x")])
    func lateWriter(profile: String, written: String) async throws {
        try folder.write("whole.yaml", "transport: {http: {port: '${file:pipe}'}}\n")
        let validation = try folder.start("validate", "--config", profile)
        try await waitUntilOpen(in: validation)
        let writer = try FileHandle(forWritingTo: folder.file("pipe"))
        try writer.write(contentsOf: Data(written.utf8))
        try writer.close()
        #expect(await validation.exitCode() == 78)
        let output = String(decoding: validation.output, as: UTF8.self)
        #expect(output.contains("transport.http.port: ") && output.contains("is not a whole number"))
    }

    @Test("a signal ends a service that waits for its profile")
    func signal() async throws {
        let service = try folder.start("run", "--config", "pipe")
        try await waitUntilOpen(in: service)
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 128 + SIGTERM)
    }

    /// Waits until a process has opened the pipe.
    /// - Throws: When the process is gone.
    private func waitUntilOpen(in process: OrderdProcess) async throws {
        let files = URL(fileURLWithPath: "/proc/\(process.processIdentifier)/fd")
        while true {
            let open = try FileManager.default.contentsOfDirectory(atPath: files.path).compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: files.appendingPathComponent($0).path)
            }
            if open.contains(where: { $0.hasSuffix("/pipe") }) { return }
            await Task.yield()
        }
    }
}
