import Foundation
import Logging
import OrderKernel
import ServiceLifecycle
import Synchronization
import Testing

@testable import JSONLinesPlugin

@Suite("The files of JSON lines", .timeLimit(.minutes(5)))
struct LineFilesTests {
    @Test("a file that cannot be opened is named")
    func missingFiles() async {
        let missing = "/nonexistent/lines"
        await #expect(throws: PluginError("cannot read \(missing): No such file or directory")) {
            try await LinesJob().run(input: missing, output: "/dev/null")
        }
        await #expect(throws: PluginError("cannot write \(missing): No such file or directory")) {
            try await LinesJob().run(input: "/dev/null", output: missing)
        }
        await #expect(throws: PluginError("cannot read .: Is a directory")) {
            try await LinesJob().run(input: ".", output: "/dev/null")
        }
    }

    @Test("what can be no path is refused before the start", arguments: ["input", "output"])
    func noPaths(setting: String) {
        for path in ["", "a\\0b"] {
            #expect(throws: InvalidConfiguration.self) {
                try JSONLinesTransport.Configuration(yaml: "\(setting): \"\(path)\"")
            }
        }
    }

    @Test("results never overwrite the input, whatever name it has")
    func sameFile() async throws {
        let input = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let link = input.appendingPathExtension("link")
        defer { for file in [input, link] { try? FileManager.default.removeItem(at: file) } }
        try Data((orderLine(1) + "\n").utf8).write(to: input)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: input)
        await #expect(throws: PluginError("cannot write \(link.path): it is the input too")) {
            try await LinesJob().run(input: input.path, output: link.path)
        }
        #expect(try String(contentsOf: input, encoding: .utf8) == orderLine(1) + "\n")
    }

    @Test("a file is emptied before the first result, or by a run without lines")
    func emptiedFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (lines, results) = (folder.appending(path: "lines"), folder.appending(path: "results"))
        let before = String(repeating: "of another run\n", count: 100)
        for (input, count) in [(orderLine(1) + "\n", 1), ("", 0)] {
            try Data(input.utf8).write(to: lines)
            try Data(before.utf8).write(to: results)
            #expect(try await LinesJob().run(input: lines.path, output: results.path) == .complete)
            let text = try String(contentsOf: results, encoding: .utf8)
            #expect(text.count { $0 == "\n" } == count && !text.contains("another"))
        }
        try Data(before.utf8).write(to: results)
        await #expect(throws: PluginError.self) { try await LinesJob().run(input: ".", output: results.path) }
        #expect(try String(contentsOf: results, encoding: .utf8) == before)
    }

    private func writeLine(to file: Int32) {
        let line = Array((orderLine(1) + "\n").utf8)
        #expect(write(file, line, line.count) == line.count)
    }

    @Test("a file takes the results of one run at a time, and a removed one is told")
    func ownFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (lines, results) = (folder.appending(path: "lines"), folder.appending(path: "results"))
        try Data((orderLine(1) + "\n").utf8).write(to: lines)
        try await withFIFO { fifo in
            async let end = LinesJob().run(input: fifo, output: results.path)
            let file = await blocking { open(fifo, O_WRONLY | O_CLOEXEC) }
            writeLine(to: file)
            while (try? Data(contentsOf: results))?.isEmpty ?? true { try await Task.sleep(for: .milliseconds(5)) }
            await #expect(throws: PluginError("cannot write \(results.path): another run writes its results there")) {
                try await LinesJob().run(input: lines.path, output: results.path)
            }
            #expect(try Data(contentsOf: results).count { $0 == UInt8(ascii: "\n") } == 1)
            try FileManager.default.removeItem(at: results)
            close(file)
            #expect(try await end == .outputFailed)
        }
        #expect(try await LinesJob().run(input: lines.path, output: results.path) == .complete)
        #expect(try Data(contentsOf: results).count { $0 == UInt8(ascii: "\n") } == 1)
    }

    @Test("a file that was shortened under the results is told, one that nobody wrote to is not")
    func shortenedResults() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for isWritten in [true, false] {
            try await withFIFO { fifo in
                async let end = LinesJob().run(input: fifo, output: path)
                let file = await blocking { open(fifo, O_WRONLY | O_CLOEXEC) }
                if isWritten {
                    writeLine(to: file)
                    while FileManager.default.contents(atPath: path)?.isEmpty ?? true {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    #expect(truncate(path, 0) == 0)
                } else {
                    try FileManager.default.removeItem(atPath: path)
                }
                close(file)
                #expect(try await end == (isWritten ? .outputFailed : .complete))
            }
        }
    }

    @Test("a file that has no name takes results", arguments: ["/proc/self/fd/", "/dev/fd/"])
    func unnamedFile(folder: String) async throws {
        let lines = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: lines) }
        try Data((orderLine(1) + "\n").utf8).write(to: lines)
        let path = lines.appendingPathExtension("results").path
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        #expect(file >= 0 && unlink(path) == 0)
        #expect(try await LinesJob().run(input: lines.path, output: folder + "\(file)") == .complete)
        #expect(lseek(file, 0, SEEK_END) > 0)
    }

    @Test("an input that became shorter while it was read has no end that can be trusted")
    func shortened() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(repeating: UInt8(ascii: "a"), count: 100_000).write(to: URL(filePath: path))
        let input = try LineInput(path: path)
        defer { input.close() }
        #expect(try input.read()?.isEmpty == false)
        let error = PluginError("cannot read \(path): it became shorter meanwhile")
        // Less than it was at the start, then less than was read of it.
        for length in [80_000, 64] {
            #expect(truncate(path, length) == 0)
            #expect(throws: error) { while try input.read()?.isEmpty == false {} }
        }
        let madeUp = try LineInput(path: "/proc/self/status")
        defer { madeUp.close() }
        while try madeUp.read()?.isEmpty == false {}
    }

    @Test("a full disk ends the run, and says so, to those too who ask whether all is ready")
    func fullDisk() async throws {
        try await withFIFO { fifo in
            async let end = LinesJob().run(input: fifo, output: "/dev/full") { context in
                #expect(context.state == .unavailable("output_failed"))
            }
            let file = await blocking { open(fifo, O_WRONLY | O_CLOEXEC) }
            writeLine(to: file)
            let ended = try await end
            #expect(ended == .outputFailed)
            close(file)
        }
    }

    @Test("an interactive user sees each result at once")
    func interactive() async throws {
        try await withFIFO { input in
            try await withFIFO { output in
                async let end = LinesJob().run(input: input, output: output)
                let (writing, reading) = await opened(input, output)
                for number in 1...3 {
                    let line = Array((orderLine(number) + "\n").utf8)
                    #expect(write(writing, line, line.count) == line.count)
                    let result = await blocking { readLine(from: reading) }
                    #expect(result.hasPrefix(#"{"line":\#(number),"status":201,"#))
                }
                close(writing)
                let ended = try await end
                #expect(ended == .complete)
                close(reading)
            }
        }
    }

    @Test("a reader that goes away ends the run, without a signal")
    func readerGone() async throws {
        try await withFIFO { input in
            try await withFIFO { output in
                async let end = LinesJob().run(input: input, output: output)
                let (writing, reading) = await opened(input, output)
                close(reading)
                let line = Array((orderLine(1) + "\n").utf8)
                _ = write(writing, line, line.count)
                let ended = try await end
                #expect(ended == .outputFailed)
                close(writing)
            }
        }
    }

    @Test("graceful shutdown ends a run that waits for input, after what is in flight was answered")
    func shutdown() async throws {
        try await withFIFO { input in
            try await withFIFO { output in
                let service = StoppableJob(input: input, output: output)
                let group = ServiceGroup(services: [service], logger: .init(label: "test"))
                async let running: Void = group.run()
                let (writing, reading) = await opened(input, output)
                let line = Array((orderLine(1) + "\n").utf8)
                _ = write(writing, line, line.count)
                #expect(await blocking { readLine(from: reading) }.hasPrefix(#"{"line":1,"status":201,"#))
                await group.triggerGracefulShutdown()
                try? await running
                #expect(service.end.withLock { $0 } == .stoppedEarly)
                close(writing)
                close(reading)
            }
        }
    }

    @Test("what becomes known when a run is cut is still written where somebody takes it")
    func knownLate() async throws {
        let storage = ForgetfulStorage(holdsCommits: true)
        let job = Task { try await LinesJob(storage: storage).run(orderLine(1) + "\n") }
        while !storage.isCommitting.load(ordering: .sequentiallyConsistent) { await Task.yield() }
        job.cancel()
        let outcome = try await job.value
        #expect(outcome.end == .stoppedEarly)
        #expect(outcome.statuses == [201])
    }

    @Test("cancellation ends a run whose reader does not read")
    func cancellation() async throws {
        try await withFIFO { input in
            try await withFIFO { output in
                let job = Task { try await LinesJob().run(input: input, output: output) }
                let (writing, reading) = await opened(input, output)
                let list = Array(((1...2_000).map { orderLine($0) }.joined(separator: "\n") + "\n").utf8)
                await blocking { _ = write(writing, list, list.count) }
                _ = await blocking { readLine(from: reading) }
                job.cancel()
                let ended = try await job.value
                #expect(ended == .outputFailed)
                close(writing)
                close(reading)
            }
        }
    }

    private func withFIFO(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        try await body(path)
    }

    /// Opens both ends that the transport waits for.
    private func opened(_ input: String, _ output: String) async -> (writing: Int32, reading: Int32) {
        await blocking { (open(input, O_WRONLY | O_CLOEXEC), open(output, O_RDONLY | O_CLOEXEC)) }
    }
}

/// A job that a service group can stop.
private final class StoppableJob: Service {
    let end = Mutex<TransportEnd?>(nil)  // protects how the job ended
    private let input: String
    private let output: String

    init(input: String, output: String) {
        self.input = input
        self.output = output
    }

    func run() async throws {
        let end = try await LinesJob().run(input: input, output: output)
        self.end.withLock { $0 = end }
    }
}
