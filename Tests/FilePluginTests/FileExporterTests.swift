import Foundation
import Logging
import OrderKernel
import OrderKernelTesting
import Testing

@testable import FilePlugin

@Suite("FileExporter")
struct FileExporterTests {
    /// A folder of one test; gone when the test is done.
    final class Folder: Sendable {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")

        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(at: url) }

        var path: String { url.appendingPathComponent("telemetry.jsonl").path }

        var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }

        func lines(_ name: String = "telemetry.jsonl") throws -> [[String: Any]] {
            let text = try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
            return try text.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }

        /// Writes as another program would.
        func append(_ text: String) throws {
            if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(text.utf8))
            try file.close()
        }

        /// Makes the file, with a hole, as large as the file system allows but for that many bytes.
        /// - Returns: As much as it allows.
        func grow(within bytes: Int) throws -> UInt64 {
            var (fits, tooLarge) = (0, Int.max)
            while fits < tooLarge - 1 {
                let size = fits + (tooLarge - fits) / 2
                if truncate(path, size) == 0 { fits = size } else { tooLarge = size }
            }
            try #require(truncate(path, fits - bytes) == 0)
            return UInt64(fits)
        }
    }

    let folder: Folder

    init() throws { folder = try Folder() }

    private func run(_ settings: String = "", _ body: (FileExporter) async throws -> Void) async throws {
        let context = PluginContext.standalone("file", logger: Logger(label: "file"), time: SystemTime())
        let exporter = FileExporter(try .init(yaml: "path: \(folder.path)\n" + settings), context: context)
        try await withRunning(exporter, context) { try await body(exporter) }
    }

    private func span(_ number: UInt64, name: String = "work") -> TelemetryBatch {
        let time = TelemetryTime(nanoseconds: 1)
        let context = TraceContext(traceID: 0xab, spanID: number, flags: 1)
        return TelemetryBatch(
            resource: [TelemetryAttribute("service.name", .string("order"))],
            spans: [SpanRecord(name: name, kind: .server, context: context, start: time, end: time)])
    }

    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(FileExporter.self).check(rule)
    }

    @Test("it keeps the contract of every exporter", arguments: ExporterContract.rules)
    func exporter(rule: ExporterContract.Rule) async {
        let path = folder.path
        await ExporterContract { FileExporter(try .init(yaml: "path: \(path)"), context: $0) }.check(rule)
    }

    @Test("each batch is a line of OTLP in JSON, with ids in hexadecimal digits")
    func lines() async throws {
        try await run { try await $0.export(self.span(0xcd)) }
        let lines = try folder.lines()
        let resource = try #require((lines.first?["resourceSpans"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
        let span = try #require((scope["spans"] as? [[String: Any]])?.first)
        #expect(span["traceId"] as? String == "000000000000000000000000000000ab")
        #expect(span["spanId"] as? String == "00000000000000cd")
        #expect(span["startTimeUnixNano"] as? String == "1" && span["kind"] as? Int == 2)
    }

    @Test("what is there stays, over a restart")
    func appends() async throws {
        try await run { try await $0.export(span(1)) }
        try await run { try await $0.export(span(2)) }
        #expect(try folder.lines().count == 2)
    }

    @Test("a file that has grown is put aside, and the oldest goes")
    func rotates() async throws {
        try await run("rotate: 1KiB\nkeep: 2\n") { exporter in
            for number in 1...20 { try await exporter.export(span(UInt64(number))) }
        }
        #expect(try folder.names == ["telemetry.jsonl", "telemetry.jsonl.1", "telemetry.jsonl.2"])
        for name in try folder.names {
            let size = try Data(contentsOf: folder.url.appendingPathComponent(name)).count
            #expect(size <= 1_024 && size > 0)
            #expect(try !folder.lines(name).isEmpty)
        }
    }

    @Test("without files aside a full one begins anew")
    func keepsNone() async throws {
        try await run("rotate: 1KiB\nkeep: 0\n") { exporter in
            for number in 1...20 { try await exporter.export(span(UInt64(number))) }
        }
        #expect(try folder.names == ["telemetry.jsonl"])
    }

    @Test("a file counts as large as it is, whoever has added to it or cut it")
    func sharesSize() async throws {
        try await run("rotate: 1KiB\n") { exporter in
            for number in 1...2 { try await exporter.export(span(UInt64(number))) }
            #expect(truncate(folder.path, 0) == 0)
            for number in 3...4 { try await exporter.export(span(UInt64(number))) }
            #expect(try folder.names == ["telemetry.jsonl"])
            #expect(try folder.lines().count == 2)
            try folder.append(String(repeating: " ", count: 900) + "\n")
            try await exporter.export(span(5))
        }
        #expect(try folder.names == ["telemetry.jsonl", "telemetry.jsonl.1"])
    }

    @Test("of a line that does not fit nothing stays, and of what others wrote everything")
    func partOfLine() async throws {
        // Only a link, as a file by its own name would be put aside.
        try FileManager.default.createSymbolicLink(atPath: folder.path, withDestinationPath: folder.path + ".full")
        try await run { exporter in
            try await exporter.export(span(1))
            let most = try folder.grow(within: 20)
            try folder.append("{}\n{}\n")
            await #expect(throws: ExportError.self) { try await exporter.export(span(2)) }
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.path))
            #expect(try file.seekToEnd() == most - 14)
            try file.seek(toOffset: most - 20)
            #expect(try file.readToEnd() == Data("{}\n{}\n".utf8))
        }
    }

    @Test("a line that was cut off is ended before the next one")
    func tornLine() async throws {
        try folder.append("{\"resourceSpans\":[{\"torn")
        for number in 1...2 { try await run { try await $0.export(span(UInt64(number))) } }
        let text = try String(contentsOfFile: folder.path, encoding: .utf8).split(separator: "\n")
        #expect(text.count == 3 && text[0] == "{\"resourceSpans\":[{\"torn")
        #expect(text.dropFirst().allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    }

    @Test("a link is not put aside")
    func link() async throws {
        try FileManager.default.createSymbolicLink(atPath: folder.path, withDestinationPath: folder.path + ".real")
        try await run("rotate: 1KiB\n") { exporter in
            for number in 1...10 { try await exporter.export(span(UInt64(number))) }
        }
        #expect(try folder.names == ["telemetry.jsonl", "telemetry.jsonl.real"])
        #expect(try folder.lines("telemetry.jsonl.real").count == 10)
    }

    @Test("a file that cannot be put aside grows no further, and says why until it can")
    func cannotRotate() async throws {
        try FileManager.default.createDirectory(atPath: folder.path + ".1/x", withIntermediateDirectories: true)
        try await run("rotate: 1KiB\nkeep: 1\n") { exporter in
            let error = await #expect(throws: ExportError.self) {
                for number in 1...10 { try await exporter.export(span(UInt64(number))) }
            }
            #expect(error?.reason == "file" && error?.detail.contains("cannot be put aside as") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path)).count <= 1_024)
            try FileManager.default.removeItem(atPath: folder.path + ".1")
            try await exporter.export(span(11))
        }
        #expect(try folder.lines().count == 1 && !folder.lines("telemetry.jsonl.1").isEmpty)
    }

    @Test("a file that somebody moved away or removed is begun anew")
    func moved() async throws {
        try await run { exporter in
            try await exporter.export(span(1))
            try FileManager.default.moveItem(atPath: folder.path, toPath: folder.path + "-old")
            for number in 2...3 { try await exporter.export(span(UInt64(number))) }
            #expect(try folder.lines("telemetry.jsonl-old").count == 1 && folder.lines().count == 2)
            try FileManager.default.removeItem(atPath: folder.path)
            try await exporter.export(span(4))
            #expect(try folder.lines().count == 1)
        }
    }

    @Test("a file that cannot be written ends the start, with the reason")
    func unwritable() async throws {
        let context = PluginContext.standalone("file", logger: Logger(label: "file"), time: SystemTime())
        let exporter = FileExporter(try .init(yaml: "path: \(folder.path)/no/file"), context: context)
        await #expect(throws: PluginError.self) { try await withRunning(exporter, context) {} }
    }

    @Test("a pipe that nobody reads holds nothing up, and one that is read gets whole lines")
    func pipe() async throws {
        try #require(mkfifo(folder.path, 0o600) == 0)
        try await run { exporter in
            let unread = await #expect(throws: ExportError.self) { try await exporter.export(span(1)) }
            #expect(unread?.reason == "no_reader")
            let reader = open(folder.path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            // Until the pipe is full, at the latest: a part of the last line is then in it.
            let full = await #expect(throws: ExportError.self) {
                // Longer than what a pipe takes whole or not at all.
                let name = String(repeating: "a", count: 10_000)
                for number in 2...10_000 { try await exporter.export(span(UInt64(number), name: name)) }
            }
            #expect(full?.reason == "no_reader")
            let size = 1 << 20
            let before = try [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
                count = try #require(Int(exactly: read(reader, bytes.baseAddress, size)))
            }
            #expect(before.count > 4_096)
            try await exporter.export(span(1))
            let after = try [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
                count = try #require(Int(exactly: read(reader, bytes.baseAddress, size)))
            }
            let line = try #require(String(decoding: before + after, as: UTF8.self).split(separator: "\n").last)
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
    }

    @Test("it takes nothing where variables name no signal for it")
    func noSignals() throws {
        let names = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"]
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "console") })
        let context = PluginContext.standalone("file", logger: Logger(label: "file"), time: SystemTime())
        let exporter = FileExporter(try .init(yaml: "", environment: environment), context: context)
        #expect(exporter.demand.signals == [])
    }

    @Test("a full disk is told as such")
    func fullDisk() async throws {
        let context = PluginContext.standalone("file", logger: Logger(label: "file"), time: SystemTime())
        let exporter = FileExporter(try .init(yaml: "path: /dev/full"), context: context)
        try await withRunning(exporter, context) {
            let error = await #expect(throws: ExportError.self) { try await exporter.export(span(1)) }
            #expect(error?.reason == "disk_full")
        }
    }
}
