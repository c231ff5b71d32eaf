import OrderKernel
import Testing

@Suite("Conflicts of resources")
struct ResourceConflictsTests {
    @Test("two transports on one port are one problem that names both places")
    func onePortTwice() throws {
        let profile = try PlannedProfile("transport:\n  http:\n  http/admin:\n    host: 0.0.0.0\n    port: 5000\n")
        #expect(
            profile.lines == [
                "0.yaml:5:11 conflict transport.http/admin.port: transport.http/admin needs TCP port 5000 for itself, "
                    + "which transport.http.port (line 2) has taken"
            ])
        let related = try #require(profile.problems.first?.related.first)
        #expect((related.origin.line, related.origin.column) == (2, 3))
        let alias = try PlannedProfile("transport:\n  http: &h {port: 1}\n  http/b: *h\n  http/c: {<<: *h}")
        #expect(alias.problems.map(\.origin.line) == [3, 4])
    }

    @Test("a port that came out of a variable is called as the variable, and told where it came from")
    func substitutedPort() throws {
        let taken = "for itself, which transport.http.port"
        let substituted = try PlannedProfile(
            "transport: {http: {port: '${P}'}, http/b: {port: '${P}'}}", environment: ["P": "18401"])
        #expect(
            substituted.lines == [
                "0.yaml:1:50 conflict transport.http/b.port: transport.http/b needs the TCP port of ${P} "
                    + "\(taken) (line 1) has taken"
            ])
        #expect(
            substituted.problems[0].related.map(\.message) == ["transport.http.port takes the TCP port of ${P} here"])
        let variable = try PlannedProfile("transport: {http: , http/b: }", environment: ["PORT": "18401"])
        #expect(
            variable.lines == [
                "PORT conflict transport.http/b.port: transport.http/b needs the TCP port of ${PORT} "
                    + "\(taken) has taken"
            ])
    }

    @Test(
        "addresses conflict where they may be the same",
        arguments: [
            ("127.0.0.1", "localhost", true), ("127.0.0.1", "127.0.0.2", false), ("::", "10.0.0.1", true),
            ("LOCALHOST", "localhost", true), ("127.0.0.1", "localhost.", true), ("127.1", "127.0.0.1", true),
            ("::ffff:127.0.0.1", "127.0.0.1", true), ("::1", "0:0::1", true), ("::1", "127.0.0.1", false),
            ("0.0.0.0", "::1", false), ("::1", "0.0.0.0", false), ("0.0.0.0", "orders.example", true),
            ("0.0.0.0", "::", true), ("::", "0.0.0.0", true), ("::", "::1", true), ("::1", "::", true),
        ])
    func addresses(one: String, other: String, conflicts: Bool) throws {
        let text = "transport: {http: {host: '\(one)'}, http/b: {host: '\(other)'}}"
        #expect(try PlannedProfile(text).problems.count == (conflicts ? 1 : 0))
    }

    @Test("port 0 and different ports never conflict")
    func freePorts() throws {
        #expect(try PlannedProfile("transport: {http: {port: 0}, http/b: {port: 0}, http/c: {port: 1}}").lines == [])
    }

    @Test("a document is told that no transport of the profile serves")
    func unserved() throws {
        func warnings(_ profile: String) throws -> [String]? {
            try PlannedProfile(profile, plugins: SamplePlugins.all + [SampleMetrics.self, SampleDocuments.self]).plan?
                .warnings
        }
        let unserved = [
            "telemetry.metrics shows the path '/metrics' to nobody: no transport of the profile serves documents"
        ]
        #expect(try warnings("{transport: {json_lines: }, telemetry: {metrics: }}") == unserved)
        #expect(try warnings("{transport: {json_lines: , documents: }, telemetry: {metrics: }}") == [])
    }

    @Test("two readers of standard input are one problem that names both places")
    func twoReaders() throws {
        #expect(
            try PlannedProfile("transport:\n  json_lines:\n  json_lines/b:\n    input: '-'").lines == [
                "0.yaml:4:12 conflict transport.json_lines/b.input: transport.json_lines/b needs standard input for "
                    + "itself, which transport.json_lines.input (line 2) has taken"
            ])
    }

    @Test(
        "a path that is written in another way is the same path",
        arguments: ["in", "./in", ".//in", "././in", "/data/in", "//data/./in", "../data/in", "/../data/a/../in"])
    func samePath(path: String) throws {
        let transports = "{json_lines: {input: in}, json_lines/b: {input: \(path)}}"
        let profile = try PlannedProfile("transport: \(transports)", directory: "/data")
        #expect(profile.problems.map(\.code) == [.conflict])
    }

    @Test("a standard stream is the same by every name", arguments: ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
    func sameStream(path: String) throws {
        #expect(
            try PlannedProfile("transport: {json_lines: , json_lines/b: {input: \(path)}}").lines == [
                "0.yaml:1:49 conflict transport.json_lines/b.input: transport.json_lines/b needs standard input for "
                    + "itself, which transport.json_lines.input (line 1) has taken"
            ])
    }

    @Test("a file that storage has is no file to read from", arguments: ["orders.db", "/data/orders.db"])
    func databaseAsInput(path: String) throws {
        let profile = try PlannedProfile("transport: {json_lines: {input: \(path)}}", directory: "/data")
        #expect(profile.problems.map(\.code) == [.conflict])
        let message = try #require(profile.problems.first?.message)
        #expect(message.contains("needs the file '\(path)' for itself, which storage.sqlite.path has taken"))
    }

    @Test("a file that came out of a variable is called as the variable")
    func substitutedPath() throws {
        let text = "transport: {json_lines: {input: '${IN}'}, json_lines/b: {input: in}}"
        #expect(
            try PlannedProfile(text, environment: ["IN": "in"]).lines == [
                "0.yaml:1:65 conflict transport.json_lines/b.input: transport.json_lines/b needs the file 'in' for "
                    + "itself, which transport.json_lines.input (line 1) has taken"
            ])
        let profile = try PlannedProfile(
            "transport: {json_lines: {input: in}, json_lines/b: {input: '${IN}'}}", environment: ["IN": "in"])
        #expect(profile.problems.first?.message.contains("needs the file ${IN} for itself") == true)
    }

    @Test("a profile is nothing that a plugin may take", arguments: ["0.yaml", "./1.yaml", "/data/1.yaml"])
    func profileAsDatabase(path: String) throws {
        let profile = try PlannedProfile("storage: {sqlite: {path: \(path)}}", "", directory: "/data")
        #expect(
            profile.lines == [
                "0.yaml:1:26 conflict storage.sqlite.path: storage.sqlite needs the file '\(path)' for itself, "
                    + "which the profile has taken"
            ])
        let related = try #require(profile.problems.first?.related.first)
        #expect(related.message.hasPrefix("the profile takes the file '"))
        #expect(related.origin.line == 0)
    }

    @Test("two settings that need many of the same files are one problem")
    func manyFiles() throws {
        let profile = try PlannedProfile(
            "telemetry: {files: {path: t}, files/b: {path: t}, files/c: {path: t.2}}",
            plugins: SamplePlugins.all + [SampleFiles.self])
        #expect(
            profile.lines == [
                "0.yaml:1:47 conflict telemetry.files/b.path: telemetry.files/b needs the file 't' for itself, "
                    + "which telemetry.files.path (line 1) has taken",
                "0.yaml:1:67 conflict telemetry.files/c.path: telemetry.files/c needs the file 't.2' for itself, "
                    + "which telemetry.files.path (line 1) has taken",
            ])
    }

    @Test("any number may read nothing")
    func noFile() throws {
        let text = "transport: {json_lines: {input: /dev/null}, json_lines/b: {input: /dev/null}}"
        #expect(try PlannedProfile(text).lines == [])
    }
}

private struct SampleFiles: ExporterPlugin {
    static let name = "files"
    static let summary = "Writes several files."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) {
            let path = settings.value("path", default: "t", "First of the files.")
            for name in [path, path + ".1", path + ".2"] { settings.needs(.output(name), for: "path") }
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func export(_ batch: TelemetryBatch) async throws {}
}

private struct SampleMetrics: ExporterPlugin {
    static let name = "metrics"
    static let summary = "Shows metrics."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) { settings.needs(.document(path: "/metrics")) }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func export(_ batch: TelemetryBatch) async throws {}
}

private struct SampleDocuments: TransportPlugin {
    static let name = "documents"
    static let summary = "Serves orders and documents."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) { settings.needs(.endpoint(path: "/orders")) }
    }

    init(_ configuration: Configuration, context: PluginContext) {}

    func run(serving service: OrderService) async throws -> TransportEnd { .complete }
}
