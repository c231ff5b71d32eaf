import OrderKernel
import Testing

@Suite("Documents made from declarations")
struct DocumentTests {
    @Test("the effective profile of an empty one is its defaults, marked")
    func showsDefaults() throws {
        let profile = try PlannedProfile("logging: {level: debug}", environment: ["PORT": "81"])
        let text = profile.planner.show(profile.loaded)
        #expect(text.hasPrefix("service:\n  name: order  # default\n"))
        #expect(text.contains("storage:\n  sqlite:\n    path: orders.db  # default\n    readers: 4  # default\n"))
        #expect(text.contains("    port: 81\n"))
        #expect(text.contains("telemetry:\n  console: {}\nmiddleware: []\nrecording:\n  enabled: true  # default\n"))
        #expect(text.contains("logging:\n  level: debug\n"))
    }

    private static let secrets = [
        "storage.postgres.password", "transport.http/admin.token", "telemetry.otlp.headers.authorization",
    ]

    @Test("the effective profile is valid but for its secrets, means the same, and holds none")
    func showsRich() throws {
        let profile = try PlannedProfile(PlannedProfile.rich)
        #expect(profile.lines == [])
        let text = profile.planner.show(profile.loaded)
        #expect(!text.contains("hunter"))
        #expect(text.contains("password: ‹secret›"))
        #expect(text.contains("url: postgresql://me@db:5432/orders?a=1\n"))
        #expect(try PlannedProfile(text).problems.map(\.path) == Self.secrets)
        let again = try PlannedProfile(text.replacing("‹secret›", with: "x"))
        #expect(again.lines == [])
        #expect(
            again.planner.show(again.loaded).replacing("  # default", with: "")
                == text.replacing("  # default", with: ""))
    }

    @Test(
        "any text is shown so that it is read back as it is",
        arguments: [
            " a", "a ", "a: b", "a:", ":a", "a #b", "#", "- a", "-", "-5", "-a", "?", "null", "NULL", "~", "$x", "${A}",
            "$$", "\n", "a\n\nb\n", "\t", "é", "\u{2028}", "\u{FEFF}a", "\"q\"", "'", "a,b", "[", "}", "%", "@", "`",
            "---", "--- a", "...", "<<", "=", "!x", "&a", "*a", "|", ">", "\u{1}", "\u{7F}", "\u{85}", "1e3", "true",
            "a\\b", "\u{1F600}", "\r\n", "012", "0x1", "port:5", "a$\u{301}{B}", "a: \u{301}b", "a #\u{301}",
            "\u{10FFFD}", "\u{A0}a", "\u{202E}x", "x\u{2066}", "\u{200B}", "\u{E0001}",
        ])
    func showsAnyText(text: String) throws {
        let profile = try PlannedProfile("", environment: ["OTEL_SERVICE_NAME": text])
        let written = profile.planner.show(profile.loaded)
        #expect(written.split(separator: "\n").allSatisfy { String($0) == String($0).printable })
        let shown = try PlannedProfile(written)
        #expect(shown.lines == [])
        #expect(shown.plan?.service.name == text)
    }

    @Test("what a null took back is not shown, and a null that shuts a variable out is")
    func showsNulls() throws {
        let maps = try PlannedProfile(
            "transport: {http: {names: {a: 1}}}", "transport: {http: {names: ~}}", "transport: {http: {names: {b: 2}}}")
        #expect(maps.planner.show(maps.loaded).contains("    names: {b: 2}\n"))
        let collector = try PlannedProfile(
            "transport: {http: {proxy: ~, port: ~}}", environment: ["PROXY": "http://p", "PORT": "81"])
        let text = collector.planner.show(collector.loaded)
        #expect(text.contains("    proxy: null\n"))
        #expect(text.contains("    port: 5000  # default\n"))
        let attributes = try PlannedProfile(
            "recording: {attributes: ~}", environment: ["OTEL_RESOURCE_ATTRIBUTES": "a=b"])
        #expect(attributes.planner.show(attributes.loaded).contains("  attributes: null\n"))
    }

    @Test("keys are shown as they are, as nothing is substituted there")
    func showsKeys() throws {
        let profile = try PlannedProfile("transport: {http/a$b: {names: {c$$d: 1, '${E}': 2}}}")
        let text = profile.planner.show(profile.loaded)
        #expect(text.contains("  http/a$b:\n") && text.contains("    names: {c$$d: 1, \"${E}\": 2}\n"))
    }

    @Test("a sample is valid, for every storage with every transport")
    func samples() throws {
        let planner = try PlannedProfile("").planner
        for storage in ["sqlite", "postgres"] {
            for transport in ["http", "json_lines"] {
                let text = try planner.sample(storage: storage, transports: [transport])
                #expect(text.hasPrefix("# yaml-language-server: $schema=orderd.schema.json\n"))
                let profile = try PlannedProfile(text)
                #expect(profile.lines == [], "\(text)")
                #expect(profile.plan?.storage.name == storage)
                #expect(profile.plan?.transports.map(\.name) == [transport])
            }
        }
        let error = #expect(throws: UnknownName.self) { try planner.sample(storage: "sqlit", transports: ["http"]) }
        #expect(error?.suggestion == "sqlite")
    }

    @Test("a sample picks the usual plugins, or the first ones where a binary has not those")
    func usualSample() throws {
        let planner = try PlannedProfile("").planner
        #expect(try planner.sample() == planner.sample(storage: "sqlite", transports: ["http"]))
        let plugins: [any Plugin.Type] = [OtherStorage.self, SampleLines.self]
        let own = try PlannedProfile(PlannedProfile("", plugins: plugins).planner.sample(), plugins: plugins)
        #expect(own.lines == [])
        #expect(own.plan?.storage.name == OtherStorage.name)
        #expect(own.plan?.transports.map(\.name) == [SampleLines.name])
    }

    @Test("a sample has the exporters and middleware that are named, beside what there is anyway")
    func fuller() throws {
        let planner = try PlannedProfile("").planner
        let text = try planner.sample(exporters: ["otlp", "console", "otlp"], middleware: ["rate_limit"])
        let profile = try PlannedProfile(text)
        #expect(profile.lines == [], "\(text)")
        #expect(profile.plan?.exporters.map(\.name) == ["console", "otlp"])
        #expect(profile.plan?.middleware.map(\.name) == ["rate_limit"])
        #expect(throws: UnknownName.self) { try planner.sample(exporters: ["otl"]) }
        #expect(throws: UnknownName.self) { try planner.sample(middleware: ["otlp"]) }
    }

    @Test("the comments of a sample are settings, each of them valid")
    func commentedSettings() throws {
        let text = try PlannedProfile("").planner.sample(storage: "sqlite", transports: ["http"])
        let settings = text.split(separator: "\n").map { line -> Substring in
            // `# key: value` becomes a setting; sentences stay comments.
            guard let mark = line.firstRange(of: "# "), line[mark.upperBound...].contains(/^[a-z_]+: [^ ]/),
                !line.contains("tls"), !line.contains("middleware"), !line.contains("yaml-language-server")
            else { return line }
            return line[..<mark.lowerBound] + line[mark.upperBound...]
        }
        #expect(try PlannedProfile(settings.joined(separator: "\n")).lines == [])
    }

    @Test(
        "every plugin's page has each setting and an example that is valid",
        arguments: SamplePlugins.all.map { $0.name })
    func pages(name: String) throws {
        let page = try PlannedProfile("").planner.pluginPage(name)
        let example = try #require(page.split(separator: "Example:\n\n").last)
        #expect(try PlannedProfile(String(example)).lines == [], "\(page)")
        #expect(!page.contains("has no settings") == (name != "console"))
    }

    @Test("a name that plugins of two kinds have shows both pages")
    func sharedName() throws {
        struct OrdersExporter: ExporterPlugin {
            static let name = "sqlite"
            static let summary = "Keeps telemetry in one file."
            init(_ configuration: SampleConsole.Configuration, context: PluginContext) {}
            func export(_ batch: TelemetryBatch) async throws {}
        }
        let planner = try ProfilePlanner(plugins: [SampleStorage.self, OrdersExporter.self], environment: [:])
        let page = try planner.pluginPage("sqlite")
        #expect(page.hasPrefix("sqlite (storage, stable, from OrderKernelTests)\n"))
        #expect(page.contains("\n\nsqlite (exporter, stable, from OrderKernelTests)\n"))
    }

    @Test("the plugins are listed, for people and for programs")
    func lists() throws {
        let planner = try ProfilePlanner(plugins: [SampleStorage.self, SampleOTLP.self], environment: [:])
        #expect(
            planner.pluginList() == """
                storage   sqlite  Keeps orders in one file.
                exporter  otlp    Sends telemetry to a collector. (experimental)

                """)
        #expect(
            planner.pluginListJSON().hasPrefix(
                """
                [
                  {
                    "kind": "storage",
                    "name": "sqlite",
                    "module": "OrderKernelTests",
                    "summary": "Keeps orders in one file.",
                    "stability": "stable"
                  },
                """))
    }

    @Test("the reference has a page for the profile, each plugin and the problems")
    func reference() throws {
        let pages = try PlannedProfile("").planner.referencePages()
        #expect(
            pages.map(\.name) == [
                "profile.md", "storage-sqlite.md", "storage-postgres.md", "transport-http.md",
                "transport-json_lines.md", "exporter-console.md", "exporter-otlp.md", "middleware-rate_limit.md",
                "problems.md",
            ])
        let http = try #require(pages.first { $0.name == "transport-http.md" }?.text)
        #expect(
            http.contains(
                "| `port` | whole number, 0...65535 | `5000` | TCP port. Without it: the environment's `PORT`. |\n"))
        #expect(http.contains("| `rules[].weight` | number, 0...1 | `0.5` | How much it counts. |\n"))
        #expect(pages[0].text.contains("* [`sqlite`](storage-sqlite.md): Keeps orders in one file.\n"))
    }

    @Test("every code is explained")
    func codes() throws {
        #expect(try CodeExplanation.text("unknown_key").hasPrefix("unknown_key\n  No setting has this key"))
        #expect(Set(CodeExplanation.all.map(\.code)).count == CodeExplanation.all.count)
        let error = #expect(throws: UnknownName.self) { try CodeExplanation.text("unknwn_key") }
        #expect(error?.suggestion == "unknown_key")
    }

    @Test("excerpts may show what is known, but neither secrets nor URLs")
    func secrecy() throws {
        let planner = try PlannedProfile("").planner
        #expect(planner.mayShowValue(at: ConfigurationPath.steps("transport.http/b.port")))
        #expect(!planner.mayShowValue(at: ConfigurationPath.steps("transport.http.token")))
        #expect(!planner.mayShowValue(at: ConfigurationPath.steps("storage.postgres.url")))
        #expect(!planner.mayShowValue(at: ConfigurationPath.steps("transport.http.nonsense")))
        #expect(!planner.mayShowValue(at: [.key("transport.http"), .key("port")]))
        #expect(planner.secretKeys == ["password", "token", "headers"])
        func holdsNames(_ path: String) -> Bool { planner.secrecy.holdsNames(ConfigurationPath.steps(path)) }
        for path in ["transport", "transport.http", "transport.http.port", "telemetry.otlp.headers"] {
            #expect(holdsNames(path))
        }
        for path in ["storage.postgres.password", "telemetry.otlp.headers.x", "transport.http.nonsense"] {
            #expect(!holdsNames(path))
        }
    }
}
