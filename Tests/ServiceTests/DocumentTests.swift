import Foundation
import OrderKernelTesting
import Testing

/// What the real binary prints of its profiles and plugins.
@Suite("Documents", .timeLimit(.minutes(5)))
struct DocumentTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    func output(_ arguments: String...) async throws -> String {
        let process = try folder.start(arguments)
        #expect(await process.exitCode() == 0, "\(process.errorLines)")
        return String(decoding: process.output, as: UTF8.self)
    }

    /// Whether a text is a valid profile.
    func expectValid(_ profile: String) async throws {
        try folder.write("printed.yaml", profile)
        let validated = try folder.start(["validate", "--config", "printed.yaml"])
        #expect(await validated.exitCode() == 0)
        #expect(String(decoding: validated.output, as: UTF8.self) == "printed.yaml: valid\n", "\(profile)")
    }

    /// The names of the plugins of a kind, all of them without one.
    func plugins(_ kind: String? = nil) async throws -> [String] {
        let list = Data(try await output("plugins", "list", "--json").utf8)
        let plugins = try #require(try JSONSerialization.jsonObject(with: list) as? [[String: String]])
        return plugins.filter { kind == nil || $0["kind"] == kind }.compactMap { $0["name"] }
    }

    @Test("the effective profile is a valid profile")
    func effectiveProfile() async throws {
        try await expectValid(try await output("config", "show"))
    }

    @Test("a profile to begin with is valid for every storage with every transport")
    func profilesToBeginWith() async throws {
        let (storages, transports) = (try await plugins("storage"), try await plugins("transport"))
        #expect(storages == ["sqlite", "postgres"] && transports == ["http", "json_lines"])
        for storage in storages {
            for transport in transports {
                try await expectValid(
                    try await output("config", "init", "--storage", storage, "--transport", transport))
            }
        }
        for exporter in try await plugins("exporter") {
            try await expectValid(try await output("config", "init", "--exporter", exporter))
        }
    }

    @Test("the example of every plugin is a valid profile")
    func examples() async throws {
        let names = Set(try await plugins())
        #expect(!names.isEmpty)
        for name in names {
            let pages = try await output("plugins", "show", name).components(separatedBy: "\nExample:\n\n").dropFirst()
            #expect(!pages.isEmpty, "\(name)")
            for page in pages { try await expectValid(page) }
        }
    }

    @Test("the reference in docs/reference is up to date; `make reference` writes it anew")
    func reference() async throws {
        _ = try await output("plugins", "reference", ".")
        let committed = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/reference").standardized
        let written = try pages(in: folder.url)
        #expect(!written.isEmpty)
        #expect(try pages(in: committed) == written)
    }

    /// The text of every page of a folder, by name.
    private func pages(in folder: URL) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
        return try Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self))
            })
    }
}
