import Foundation
import OrderKernelTesting

/// A server that was started and is perhaps not yet ready.
struct PostgresStart: Sendable {
    private let folder: URL
    private let runner: OrderdProcess

    /// - Parameter arguments: Those of `throwaway-postgres`, but for the folder.
    init(_ arguments: [String]) throws {
        let name = "orderd-pg-" + UUID().uuidString.prefix(8).lowercased()  // a socket's path has to be short
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("throwaway-postgres").path
        runner = try OrderdProcess(
            command: ["/usr/bin/python3", script, "--folder", folder.path] + arguments, in: folder)
    }

    /// Waits until the server is ready. May be asked any number of times.
    func server() async throws -> PostgresServer {
        try await runner.errorLine(containing: "ready:")
        let urls = String(decoding: runner.output, as: UTF8.self).split(separator: "\n").map(String.init)
        return try PostgresServer(folder: folder, urls: urls, runner: runner)
    }
}
