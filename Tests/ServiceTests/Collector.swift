import Foundation
import OrderKernelTesting
import Testing

/// A collector that a test can look into: `otlp-receiver.py`, built on the official protobuf classes of Python.
struct Collector {
    let process: OrderdProcess
    let ports: [String: Int]
    private let file: URL

    /// - Parameter grpc: Where it listens.
    init(
        in folder: ServiceFolder, as name: String = "seen", grpc: String = "127.0.0.1:0", faults: [String] = []
    ) async throws {
        file = folder.file("\(name).jsonl")
        process = try OrderdProcess(
            command: [
                folder.root.appendingPathComponent(".build/python/bin/python").path,
                folder.root.appendingPathComponent("Tests/OTLPPluginTests/otlp-receiver.py").path,
                "--grpc", grpc, "--http", "127.0.0.1:0", "--strict", "--out", file.path,
            ] + faults, in: folder.url)
        let ready = try await process.errorLine(containing: "ready {")
        let json = try JSONSerialization.jsonObject(with: Data(ready.dropFirst("ready ".count).utf8))
        let numbers = try #require(json as? [String: Any])
        ports = numbers.compactMapValues { $0 as? Int }
    }

    /// Stops it.
    /// - Returns: Its exit code; 3 where it saw something that breaks the protocol.
    func stop() async -> Int32 {
        process.send(signal: SIGTERM)
        return await process.exitCode()
    }

    /// What was received so far; the end of a line may not have been written yet.
    func lines(_ kind: String) throws -> [[String: Any]] {
        let pieces = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        return try pieces.dropLast().compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["kind"] as? String == kind }
    }
}
