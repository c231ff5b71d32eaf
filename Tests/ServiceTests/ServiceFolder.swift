import Foundation
import OrderKernelTesting
import Testing

/// A folder of one test, with profiles and programs in it; gone when the test is done.
final class ServiceFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> URL {
        try Data(text.utf8).write(to: file(name))
        return file(name)
    }

    /// Starts `orderd` in the folder.
    func start(
        _ arguments: String..., wrapper: [String] = [], input: URL? = nil, environment: [String: String] = [:]
    ) throws -> OrderdProcess {
        try OrderdProcess(arguments, in: url, wrapper: wrapper, input: input, environment: environment)
    }

    func start(_ arguments: [String]) throws -> OrderdProcess { try OrderdProcess(arguments, in: url) }

    /// Starts the service of the built-in default, on a port of the system's choice.
    func serve(_ settings: String..., wrapper: [String] = []) throws -> OrderdProcess {
        let overrides = ["transport.http.port=0", "logging.format=json"] + settings
        return try OrderdProcess(["run"] + overrides.flatMap { ["--set", $0] }, in: url, wrapper: wrapper)
    }

    /// Runs a program to its end.
    /// - Returns: What it wrote to standard output, and its exit code.
    func run(_ program: String, _ arguments: [String]) async throws -> (output: String, code: Int32) {
        let process = try OrderdProcess(command: [program] + arguments, in: url)
        let code = await process.exitCode()
        return (String(decoding: process.output, as: UTF8.self), code)
    }

    /// Starts one of the clients in `Tests/ServiceTests/Clients`, with the system's Python.
    func startClient(_ name: String, _ arguments: String...) throws -> OrderdProcess {
        let script = Self.clients.appendingPathComponent(name).path
        return try OrderdProcess(command: ["/usr/bin/python3", script] + arguments, in: url)
    }

    /// Runs one of the clients to its end.
    func client(_ name: String, _ arguments: String...) async throws -> (output: String, code: Int32) {
        try await run("/usr/bin/python3", [Self.clients.appendingPathComponent(name).path] + arguments)
    }

    /// The repository.
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let clients = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Clients")
}
