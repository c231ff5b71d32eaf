public import Foundation
internal import Synchronization

/// An `orderd` at work: the real binary, with real files, signals and pipes.
///
/// The binary is the one that was built beside the running tests. Standard output goes into a file, standard error is
/// kept line by line, so that a test can wait for a log line instead of waiting for a while.
public final class OrderdProcess: Sendable {
    /// What a started process did that no test can go on with.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private struct State {
        var lines: [String] = []
        var rest: [UInt8] = []
        var exitCode: Int32?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Id of the started process; of the wrapper, where there is one.
    public let processIdentifier: Int32
    private let outputFile: URL
    private let state = Mutex(State())  // protects what the process has said so far, and who waits for more

    /// Starts the binary.
    /// - Parameters:
    ///   - name: Name of the executable product.
    ///   - wrapper: A command that runs the binary, such as `["strace", "-f"]`; found through `PATH`.
    ///   - input: File for standard input; `/dev/null` where there is none.
    ///   - environment: The whole environment, but for `PATH`.
    public convenience init(
        _ arguments: [String], in directory: URL, name: String = "orderd", wrapper: [String] = [], input: URL? = nil,
        environment: [String: String] = [:]
    ) throws {
        let command = wrapper + [Self.binary(named: name).path] + arguments
        try self.init(command: command, in: directory, input: input, environment: environment)
    }

    /// Starts any program, with its arguments behind it.
    public init(
        command: [String], in directory: URL, input: URL? = nil, environment: [String: String] = [:]
    ) throws {
        outputFile = directory.appendingPathComponent("stdout-\(UUID().uuidString)")
        let program = try SpawnedProgram(
            command[0], Array(command.dropFirst()), in: directory.path, input: input?.path ?? "/dev/null",
            output: outputFile.path,
            environment: environment.merging(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]) { given, _ in given })
        processIdentifier = program.identifier
        Thread.detachNewThread {
            let code = program.wait { bytes in self.receive(bytes) }
            self.change { state in
                if !state.rest.isEmpty { state.lines.append(String(decoding: state.rest, as: UTF8.self)) }
                state.exitCode = code
            }
        }
    }

    /// Everything that the process wrote to standard output so far.
    public var output: Data { (try? Data(contentsOf: outputFile)) ?? Data() }

    /// The lines that the process wrote to standard error so far.
    public var errorLines: [String] { state.withLock { $0.lines } }

    /// Waits for a line on standard error.
    /// - Throws: ``Failure`` when the process ends without having written it.
    @discardableResult
    public func errorLine(containing text: String) async throws -> String {
        while true {
            let (line, isOver) = state.withLock { ($0.lines.first { $0.contains(text) }, $0.exitCode != nil) }
            if let line { return line }
            guard !isOver else { throw Failure(description: "no '\(text)' in: \(errorLines.joined(separator: "\n"))") }
            await waitForChange { $0.exitCode != nil || $0.lines.contains { $0.contains(text) } }
        }
    }

    /// Waits until the HTTP transport listens.
    /// - Returns: The port from the line that says so.
    public func port() async throws -> Int {
        let line = try await errorLine(containing: "listening")
        guard let digits = line.split(separator: ":").last(where: { $0.first?.isNumber == true }),
            let port = Int(digits.prefix(while: \.isNumber))
        else { throw Failure(description: "no port in: \(line)") }
        return port
    }

    public func send(signal number: Int32) {
        kill(processIdentifier, number)
    }

    /// Waits until the process has ended and all that it wrote is read.
    /// - Returns: Its exit code; 128 and the signal's number where a signal killed it.
    @discardableResult
    public func exitCode() async -> Int32 {
        await waitForChange { $0.exitCode != nil }
        return state.withLock { $0.exitCode ?? -1 }
    }

    /// Path of an executable product, beside the running tests.
    public static func binary(named name: String) -> URL {
        Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent(name)
            ?? URL(fileURLWithPath: name)
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        change { state in
            for byte in bytes {
                guard byte == UInt8(ascii: "\n") else {
                    state.rest.append(byte)
                    continue
                }
                state.lines.append(String(decoding: state.rest, as: UTF8.self))
                state.rest = []
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
    }

    /// Kills the process when the waiting task is cancelled, as by a time limit: who waits then finds it ended.
    private func waitForChange(until isThere: @Sendable (borrowing State) -> Bool) async {
        await withTaskCancellationHandler {
            while !state.withLock({ isThere($0) }) {
                await withCheckedContinuation { waiter in
                    let isDone = state.withLock { state in
                        if isThere(state) { return true }
                        state.waiters.append(waiter)
                        return false
                    }
                    if isDone { waiter.resume() }
                }
            }
        } onCancel: {
            state.withLock { if $0.exitCode == nil { send(signal: SIGKILL) } }
        }
    }
}
