import Foundation
import OrderKernelTesting
import Testing

/// The verbs of the real binary.
@Suite("The command line", .timeLimit(.minutes(5)))
struct CommandTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
        output: String, errors: String, code: Int32
    ) {
        let process = try OrderdProcess(arguments, in: folder.url, environment: environment)
        let code = await process.exitCode()
        return (String(decoding: process.output, as: UTF8.self), process.errorLines.joined(separator: "\n"), code)
    }

    @Test("the version is one line")
    func version() async throws {
        let result = try await run(["--version"])
        #expect(result.output.wholeMatch(of: /orderd \d+\.\d+\.\d+\n/) != nil)
        #expect(result.code == 0)
    }

    @Test(
        "every verb has help with an example",
        arguments: [
            ["run"], ["validate"], ["config", "show"], ["config", "explain"], ["config", "schema"], ["config", "init"],
            ["plugins", "list"], ["plugins", "show"], ["plugins", "reference"], ["explain"],
            ["storage", "status"], ["storage", "migrate"], ["storage", "plan"], ["telemetry", "test"],
            ["config"], ["plugins"], ["storage"], ["telemetry"],
        ])
    func help(verb: [String]) async throws {
        let result = try await run(verb + ["--help"])
        #expect(result.output.contains("Example:\n  orderd \(verb.joined(separator: " "))"))
        #expect(result.code == 0)
    }

    @Test(
        "a mistake in the arguments is a usage error",
        arguments: [
            ["rnu"], ["rnu", "--help"], ["help", "rnu"], ["help", "config", "shwo"], ["run", "--colour"],
            ["run", "--set", "hunter2"], ["run", "--set=hunter2"],
            ["run", "--set", "=5"], ["run", "--set", "a=b", "storage.postgres.password=hunter2"],
            ["storage.postgres.password=hunter2"],
            ["plugins", "show", "sqlit"],
            ["explain", "unknown_kee"], ["config", "explain", "storage.sqlite.paht"],
            ["config", "init", "--storage", "x"],
            ["config", "init", "--storage", "sqlite", "--storage", "postgres"], ["validate", "--config", ""],
        ])
    func usage(arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.code == 64)
        #expect(result.output == "")
        #expect(result.errors != "" && !result.errors.contains("hunter2"))
    }

    @Test(
        "what was probably meant is said",
        arguments: [
            (["rnu"], "no verb 'rnu'; did you mean 'orderd run'?"), (["validat", "--config", "x"], "orderd validate"),
            (["config", "shwo"], "orderd config show"),
            (["run", "--config", ""], "The name of a file after --config is empty."),
            (["serve"], "it has run, validate, config, plugins, storage, telemetry, explain"),
            (["plugins", "show", "sqlit"], "sqlite"), (["explain", "unknown_kee"], "unknown_key"),
            (["config", "explain", "storage.sqlite.paht"], "storage.sqlite.path"),
            (["run", "a.yaml"], "A profile stands behind its option: --config a.yaml"),
            (["run", "--set", "storage.sqlite.path=file:x.db"], "must be the path of a file"),
        ])
    func suggestion(arguments: [String], suggestion: String) async throws {
        #expect(try await run(arguments).errors.contains(suggestion))
    }

    @Test("alone, and with a verb that only holds others, it helps", arguments: [[], ["config"], ["help"]])
    func helpsAlone(arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.output.contains("SUBCOMMANDS:"))
        #expect(result.code == 0)
    }

    @Test("the codes of all problems are listed")
    func codes() async throws {
        let result = try await run(["explain"])
        #expect(result.output.hasPrefix("unreadable_file\n  "))
        #expect(result.output.contains("\noverloaded\n  "))
    }

    @Test("the completions of every shell come from the arguments", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let result = try await run(["--generate-completion-script", shell])
        #expect(result.output.contains("validate") && result.output.contains("unknown_key"))
        #expect(result.code == 0)
    }

    @Test("an orderd under a name of its own calls itself so")
    func ownName() async throws {
        let binary = folder.file("my-orderd")
        try FileManager.default.createSymbolicLink(
            at: binary, withDestinationURL: OrderdProcess.binary(named: "orderd"))
        let help = try await folder.run(binary.path, ["storage", "status", "--help"]).output
        #expect(help.contains("USAGE: my-orderd storage status") && help.contains("\n  my-orderd storage status "))
        let script = try await folder.run(binary.path, ["--generate-completion-script", "bash"]).output
        #expect(script.hasSuffix(" my-orderd\n"))
    }

    @Test("a profile with problems is refused, all of them at once", arguments: ["run", "validate"])
    func broken(verb: String) async throws {
        try folder.write("a.yaml", "transport:\n  http:\n    prot: 5\n    deadline: 5\n")
        let result = try await run([verb, "--config", "a.yaml", "--set", "loging.level=info"])
        let text = verb == "run" ? result.errors : result.output
        #expect(result.code == 78)
        #expect(text.contains("a.yaml:3:5: transport.http.prot: "))
        #expect(text.contains("a.yaml:4:15: transport.http.deadline: "))
        #expect(text.contains("--set loging.level="))
    }

    @Test(
        "a key of several sections is told its places, and what it may be short for in its own",
        arguments: [
            ("transport.http.timeout=5s", ", or did you mean 'header_timeout' or 'body_timeout' or 'idle_timeout'?"),
            ("storage.sqlite.timeout=5s", ", or did you mean 'busy_timeout'?"),
            ("storage.sqlite.body_timeout=5s", "belongs to transport.http\n"), ("sqlite=o.db", "belongs to storage\n"),
        ])
    func places(setting: String, words: String) async throws {
        let told = try await run(["validate", "--set", setting]).output
        #expect(told.contains("belongs to ") && told.contains(words), "\(told)")
    }

    @Test(
        "what keeps the service from starting is told without the passwords of URLs",
        arguments: ["storage.sqlite.path", "transport.http.host"])
    func passwords(setting: String) async throws {
        let result = try await run([
            "run", "--set", "logging.level=error", "--set", "\(setting)=postgres://u:hunter2@h/d",
        ])
        #expect(result.code == 78)
        #expect(result.errors.contains("postgres://u:…@h/d"))
        #expect(!result.errors.contains("hunter2"))
    }

    @Test(
        "a URL where a file is expected is told without its password",
        arguments: [
            ["telemetry", "test", "--set", "telemetry.file.path=http://u:hunter2@h/d"],
            ["validate", "--config", "http://u:hunter2@h/d"],
            ["validate", "--format", "json", "--config", "http://u:hunter2@h/d"],
        ])
    func urls(arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.output.contains("http://u:…@h/d"))
        #expect(!(result.output + result.errors).contains("hunter2"))
    }

    @Test("a variable of OpenTelemetry that will not do is told, and leaves the profile valid")
    func variables() async throws {
        let result = try await run(["validate"], environment: ["OTEL_TRACES_SAMPLER_ARG": "2"])
        #expect(result.output == "the built-in default: valid\n")
        #expect(result.errors.hasPrefix("orderd: OTEL_TRACES_SAMPLER_ARG=2 counts as unset: the value of "))
        #expect(result.code == 0)
    }

    @Test("a user of a collector is told nowhere, though no scheme is written")
    func collectorUser() async throws {
        try folder.write("orderd.yaml", "telemetry: { otlp: { endpoint: 'u:hunter2@h:4317' } }\n")
        let environment = ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "u:hunter2@h:99999"]
        for profile in [["--config", "orderd.yaml"], ["--set", "telemetry.otlp.endpoint=u:hunter2@h:4317"]] {
            let result = try await run(["validate"] + profile, environment: environment)
            #expect(result.output.contains(": the value is not the URL of a collector: it holds a user"))
            #expect(!result.output.contains("hunter2"))
        }
        let warned = try await run(["validate", "--set", "telemetry.otlp.endpoint=null"], environment: environment)
        #expect(warned.errors.hasPrefix("orderd: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=… counts as unset: "))
        #expect(!warned.errors.contains("hunter2"))
    }

    @Test("variables of OpenTelemetry that break a rule are told, and leave the profile valid")
    func brokenRules() async throws {
        let environment = ["OTEL_EXPORTER_PROMETHEUS_HOST": "a b", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/x"]
        try folder.write("orderd.yaml", "telemetry: { otlp: , prometheus: { port: 0 } }\n")
        let result = try await run(["validate"], environment: environment)
        #expect(result.code == 0)
        for name in environment.keys { #expect(result.errors.contains("orderd: \(name)=")) }
    }

    @Test("what a terminal would obey is escaped in names and warnings")
    func escaped() async throws {
        try folder.write("a\u{1B}.yaml", "{}\n")
        let result = try await run(
            ["validate", "--config", "a\u{1B}.yaml"], environment: ["OTEL_PROPAGATORS": "\u{1B}x"])
        #expect(result.output == "a\\u{1B}.yaml: valid\n")
        #expect(result.errors.hasPrefix("orderd: OTEL_PROPAGATORS=\\u{1B}x counts as unset: "))
        #expect(try await run(["\u{1B}"]).errors.contains("no verb '\\u{1B}'"))
    }

    @Test("of an invalid profile and an output that takes nothing, the profile decides the exit code")
    func firstCode() async throws {
        let command = "'\(OrderdProcess.binary(named: "orderd").path)' validate --set \"$0\" > /dev/full"
        #expect(try await folder.run("/bin/sh", ["-c", command, "x=1"]).code == 78)
        #expect(try await folder.run("/bin/sh", ["-c", command, "service.name=x"]).code == 74)
    }

    @Test("a trial says where a run would export less, as recording is off, or no trace is sampled")
    func trialWithoutRecording() async throws {
        try folder.write("orderd.yaml", "telemetry: {file: {path: telemetry.jsonl}}\n")
        let result = try await run(["telemetry", "test"], environment: ["OTEL_SDK_DISABLED": "true"])
        #expect(result.errors == "orderd: recording is off (recording.enabled), so `orderd run` exports nothing")
        #expect(result.output.contains("taken in") && result.code == 0)
        #expect(try await run(["telemetry", "test"]).errors == "")
        let unsampled = try await run(["telemetry", "test"], environment: ["OTEL_TRACES_SAMPLER": "always_off"])
        #expect(unsampled.errors == "orderd: recording.sampler is always_off, so `orderd run` exports no spans")
        #expect(unsampled.code == 0)
    }

    @Test("a header that cannot be sent is told with its place, and what is secret of it to nobody")
    func headers() async throws {
        try folder.write(
            "orderd.yaml", "telemetry:\n  otlp:\n    headers: { 'x key': s3cret, a: \"s3cret\\r\\nb: c\" }\n")
        let environment = ["OTEL_EXPORTER_OTLP_LOGS_HEADERS": "s3cret key=1"]
        let result = try await run(["validate"], environment: environment)
        #expect(result.code == 78)
        #expect(result.output.contains("orderd.yaml:3:16: telemetry.otlp.headers.x key: 'x key' is not the name of"))
        #expect(result.output.contains("orderd.yaml:3:36: telemetry.otlp.headers.a: the value is not the value of"))
        #expect(!result.output.contains("s3cret"))
        let warned = try await run(["validate", "--set", "telemetry.otlp.headers=null"], environment: environment)
        #expect(warned.code == 0)
        #expect(warned.errors.contains("OTEL_EXPORTER_OTLP_LOGS_HEADERS=… counts as unset: the value of "))
        #expect(!warned.errors.contains("s3cret"))
    }

    private static let takes = "for itself, which"

    @Test(
        "a document that another hides, or an endpoint, is one problem that names both places",
        arguments: [
            (
                "  prometheus: {path: /livez}\n",
                "5:22: telemetry.prometheus.path: telemetry.prometheus needs the path '/livez' \(takes) "
                    + "transport.http (line 2)"
            ),
            (
                "  prometheus: {path: /orders/7/}\n",
                "5:22: telemetry.prometheus.path: telemetry.prometheus needs the path"
            ),
            (
                "  prometheus:\n  prometheus/b:\n",
                "6:3: telemetry.prometheus/b.path: telemetry.prometheus/b needs the path '/metrics' \(takes) "
                    + "telemetry.prometheus.path (line 5)"
            ),
        ])
    func hiddenDocuments(exporters: String, problem: String) async throws {
        try folder.write("orderd.yaml", "transport:\n  http:\n  http/b: {port: 0}\ntelemetry:\n" + exporters)
        let result = try await run(["validate"])
        #expect(result.output.hasPrefix("orderd.yaml:\(problem)"))
        #expect(result.output.split(separator: "\n").count { $0.hasPrefix("orderd.yaml:") } == 1)
        #expect(result.code == 78)
    }

    @Test("a document that stands before the transport whose endpoint hides it is told at the transport")
    func documentBefore() async throws {
        try folder.write("orderd.yaml", "telemetry:\n  prometheus: {path: /orders}\ntransport:\n  http:\n")
        let problem = "orderd.yaml:4:3: transport.http: transport.http needs the path '/orders' \(Self.takes) "
        #expect(try await run(["validate"]).output.contains(problem + "telemetry.prometheus.path (line 2)"))
    }

    @Test(
        "documents that hide nothing are let pass",
        arguments: [
            "{prometheus: , prometheus/b: {path: /m}}", "{prometheus: {path: /orders, port: 0}, prometheus/b: }",
        ])
    func documents(exporters: String) async throws {
        try folder.write("orderd.yaml", "telemetry: \(exporters)\n")
        #expect(try await run(["validate"]).code == 0)
    }

    @Test(
        "a host that no socket can listen on is a problem",
        arguments: ["transport: {http: {host: '*'}}", "telemetry: {prometheus: {host: '*'}}"])
    func hosts(profile: String) async throws {
        try folder.write("orderd.yaml", profile + "\n")
        let result = try await run(["validate"])
        #expect(result.output.contains(".host: must be a name or an address, without brackets and without a port; "))
        #expect(result.code == 78)
    }

    @Test("a profile that is named twice is one")
    func repeated() async throws {
        try folder.write("a.yaml", "transprt: {}\n")
        let once = try await run(["validate", "--config", "a.yaml"])
        let twice = try await run(["validate", "--config", "a.yaml", "--config", "a.yaml"])
        #expect(once.output == twice.output)
        try folder.write("b.yaml", "service: {name: b}\n")
        try folder.write("c.yaml", "service: {name: c}\n")
        let files = ["b.yaml", "c.yaml", "b.yaml"].flatMap { ["--config", $0] }
        #expect(try await run(["validate"] + files).output == "c.yaml, b.yaml: valid\n")
        #expect(try await run(["config", "explain", "service.name"] + files).output.hasPrefix("service.name: b\n"))
    }

    @Test("the sample has every transport that is named, once")
    func transports() async throws {
        let names = ["json_lines", "http", "json_lines"].flatMap { ["--transport", $0] }
        try folder.write("orderd.yaml", try await run(["config", "init"] + names).output)
        #expect(try await run(["validate"]).output == "orderd.yaml: valid\n")
        let shown = try await run(["config", "show"]).output
        #expect(shown.contains("\n  http:") && shown.contains("\n  json_lines:"))
    }

    @Test("each setting that the sample of PostgreSQL offers may be taken as it is")
    func postgresSample() async throws {
        let sample = try await run(["config", "init", "--storage", "postgres"]).output
        let replicas = "# replicas: \"postgresql://orderd@replica-1,replica-2/orders\"\n"
        #expect(sample.contains(replicas))
        try folder.write("orderd.yaml", sample.replacing(replicas, with: replicas.dropFirst(2)))
        #expect(try await run(["validate"]).output == "orderd.yaml: valid\n")
    }

    @Test("problems for programs are an array, an empty one when all is well")
    func json() async throws {
        let good = try await run(["validate", "--format", "json"])
        #expect(good.output == "[]\n")
        try folder.write("orderd.yaml", "storage: { sqlite: { path: x, pth: y } }\n")
        let bad = try await run(["validate", "--format", "json"])
        let problems = try #require(try JSONSerialization.jsonObject(with: Data(bad.output.utf8)) as? [[String: Any]])
        #expect(problems.map { $0["code"] as? String } == ["unknown_key"])
        #expect(problems.first?["suggestion"] as? String == "path")
        #expect(bad.code == 78)
    }

    @Test("a profile that is not there is a problem of its own")
    func missing() async throws {
        let result = try await run(["validate", "--config", "nowhere.yaml"])
        #expect(result.output.hasPrefix("nowhere.yaml: "))
        #expect(result.code == 78)
    }

    @Test("missing variables are let pass only on demand")
    func withoutEnvironment() async throws {
        try folder.write("orderd.yaml", "transport: { http: { port: '${PORT}' } }\n")
        #expect(try await run(["validate"]).code == 78)
        #expect(try await run(["validate", "--without-environment"]).code == 0)
        #expect(try await run(["validate"], environment: ["PORT": "5001"]).code == 0)
        #expect(try await run(["validate"], environment: ["PORT": "x"]).code == 78)
        try folder.write("orderd.yaml", "storage: { postgres: {} }\n")
        #expect(try await run(["validate"]).code == 78)
        #expect(try await run(["validate", "--without-environment"]).code == 0)
        #expect(try await run(["validate", "--without-environment"], environment: ["DATABASE_URL": "x"]).code == 78)
    }

    @Test(
        "the profiles of the repository are valid", arguments: ["orderd", "batch", "neighbours", "postgres", "order"])
    func shippedProfiles(name: String) async throws {
        let path = folder.root.appendingPathComponent("config/\(name).yaml").path
        #expect(try await run(["validate", "--config", path]).code == 0)
    }

    @Test("the built-in default is the profile that is spelled out")
    func spelledOut() async throws {
        let path = folder.root.appendingPathComponent("config/orderd.yaml").path
        let spelledOut = try await run(["config", "show", "--config", path]).output
        let builtIn = try await run(["config", "show"]).output
        #expect(builtIn.replacing(/\x20+# default/, with: "") == spelledOut.replacing(/\x20+# default/, with: ""))
    }

    @Test("plugins are listed for people and for programs")
    func plugins() async throws {
        let list = try await run(["plugins", "list", "--json"])
        let plugins = try #require(
            try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: String]])
        #expect(
            Set(plugins.compactMap { $0["name"] }) == [
                "sqlite", "postgres", "http", "json_lines", "console", "otlp", "prometheus", "file",
            ])
        #expect(plugins.allSatisfy { Set($0.keys) == ["kind", "name", "module", "summary", "stability"] })
        #expect(try await run(["plugins", "show", "http"]).output.contains("max_body"))
    }

    @Test("validating opens nothing but the profile and the files it names", .tracing)
    func pure() async throws {
        try folder.write("secret", "5001\n")
        try folder.write(
            "orderd.yaml", "storage: { sqlite: { path: a/../b } }\ntransport: { http: { port: '${file:secret}' } }\n")
        let trace = folder.file("trace")
        let process = try OrderdProcess(
            ["validate"], in: folder.url,
            wrapper: ["strace", "-f", "-o", trace.path, "-e", "trace=%file,%network,%process"])
        #expect(await process.exitCode() == 0)
        let calls = String(decoding: try Data(contentsOf: trace), as: UTF8.self).split(separator: "\n")
        let afterStart = calls.drop { !$0.contains("\"orderd.yaml\"") }
        let opened = afterStart.filter { $0.contains("open") }.compactMap {
            $0.split(separator: "\"").dropFirst().first
        }
        #expect(opened == ["orderd.yaml", "secret"])
        #expect(
            !calls.contains {
                $0.contains("socket(") || $0.contains("libpq") || $0.contains("O_CREAT") || $0.contains("orders.db")
            })
    }
}
