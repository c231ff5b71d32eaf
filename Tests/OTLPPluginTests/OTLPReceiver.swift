import Foundation
import OrderKernelTesting

/// The receiver of `otlp-receiver.py` at work: built on the official protobuf classes of Python, with faults on
/// request.
final class OTLPReceiver: Sendable {
    let folder: URL
    private let process: OrderdProcess
    let grpcPort: Int
    let httpPort: Int

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Starts a receiver on ports that the system chooses, and waits until it listens.
    init(_ arguments: [String] = [], grpc: Int = 0, http: Int = 0) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let python = Self.root.appendingPathComponent(".build/python/bin/python").path
        let script = Self.root.appendingPathComponent("Tests/OTLPPluginTests/otlp-receiver.py").path
        let own = ["--grpc", "127.0.0.1:\(grpc)", "--http", "127.0.0.1:\(http)", "--out", "seen.jsonl", "--strict"]
        process = try OrderdProcess(command: [python, script] + own + arguments, in: folder)
        let ready = try await process.errorLine(containing: "ready {")
        let json = try JSONSerialization.jsonObject(with: Data(ready.dropFirst("ready ".count).utf8)) as? [String: Any]
        func port(_ name: String) -> Int {
            if let port = json?[name] as? Int { return port }
            return (json?[name] as? String)?.split(separator: ":").last.flatMap { Int($0) } ?? 0
        }
        grpcPort = port("grpc")
        httpPort = port("http")
    }

    deinit {
        process.send(signal: SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Stops the receiver.
    /// - Returns: Its exit code: 3 where it saw something that breaks the protocol.
    @discardableResult
    func stop() async -> Int32 {
        process.send(signal: SIGTERM)
        return await process.exitCode()
    }

    /// Waits until the receiver has got what `--expect` says.
    func ended() async -> Int32 { await process.exitCode() }

    /// What was received so far; the end of a line may not have been written yet.
    func lines(_ kind: String) throws -> [[String: Any]] {
        let text = try String(contentsOf: folder.appendingPathComponent("seen.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["kind"] as? String == kind }
    }

    /// What was answered to each request, in order.
    func answers() throws -> [String] { try lines("request").compactMap { $0["answer"].map { "\($0)" } } }
}
