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
    }

    let folder: Folder

    init() throws { folder = try Folder() }

    private func run(_ settings: String = "", _ body: (FileExporter) async throws -> Void) async throws {
        let context = PluginContext.standalone("file", logger: Logger(label: "file"), time: SystemTime())
        let exporter = FileExporter(try .init(yaml: "path: \(folder.path)\n" + settings), context: context)
        try await withRunning(exporter, context) { try await body(exporter) }
    }

    private func span(_ number: UInt64) -> TelemetryBatch {
        let time = TelemetryTime(nanoseconds: 1)
        let context = TraceContext(traceID: 0xab, spanID: number, flags: 1)
        return TelemetryBatch(
            resource: [TelemetryAttribute("service.name", .string("order"))],
            spans: [SpanRecord(name: "work", kind: .server, context: context, start: time, end: time)])
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

    @Test("a file that cannot be written ends the start, with the reason")
    func unwritable() async throws {
        let context = PluginContext.standalone("file", logger: Logger(label: "file"), time: SystemTime())
        let exporter = FileExporter(try .init(yaml: "path: \(folder.path)/no/file"), context: context)
        await #expect(throws: PluginError.self) { try await withRunning(exporter, context) {} }
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
