import Testing

@testable import OrderKernel

/// Has a setting of each kind that a variable may give.
private struct Collector: PluginConfiguration {
    struct Part: PluginConfiguration {
        let endpoint: String?

        init(from settings: inout Settings) {
            endpoint = settings.optional("endpoint", "Where to.", environment: .openTelemetry("X_PART_ENDPOINT"))
        }
    }

    let endpoint: String?
    let delay: Duration
    let isOn: Bool
    let names: [String]
    let headers: [String: String]
    let secrets: [String: Secret]
    let signals: TelemetrySignals
    let size: Int
    let part: Part

    init(from settings: inout Settings) {
        endpoint = settings.optional("endpoint", "Where to.", environment: .openTelemetry("X_ENDPOINT"))
        delay = settings.value(
            "delay", default: .seconds(5), "A delay.", in: .milliseconds(1) ... .seconds(60),
            environment: .openTelemetry("X_DELAY", as: .milliseconds))
        isOn = settings.value("on", default: true, "On.", environment: .openTelemetry("X_OFF", as: .negatedBoolean))
        names = settings.list("names", default: ["a"], "Names.", environment: .openTelemetry("X_NAMES", as: .list))
        headers = settings.map("headers", default: [:], "Fields.", environment: .openTelemetry("X_PAIRS", as: .pairs))
        secrets = settings.map("secrets", default: [:], "Fields.", environment: .openTelemetry("X_KEYS", as: .pairs))
        signals = TelemetrySignals.read(from: &settings, exporter: "otlp")
        size = settings.value(
            "size", default: 3, "A size.", in: 1...9, environment: .openTelemetry("X_TRACES_SIZE", "X_SIZE"))
        part = settings.section("part", "A part.")
        settings.check("endpoint", holds: endpoint != "nowhere", "is nowhere")
        settings.check("delay", "size", holds: delay > .milliseconds(size), "is shorter than size")
    }
}

@Suite("The environment's layer")
struct EnvironmentLayerTests {
    private func read(_ yaml: String = "", _ environment: [String: String]) throws -> Collector {
        try Collector(yaml: yaml, environment: environment)
    }

    @Test("milliseconds need no unit, and an empty variable is none")
    func milliseconds() throws {
        #expect(try read([:].merging(["X_DELAY": "250"]) { $1 }).delay == .milliseconds(250))
        #expect(try read("", ["X_DELAY": ""]).delay == .seconds(5))
        #expect(try read("delay: 7s", ["X_DELAY": "250"]).delay == .seconds(7))
    }

    private func read(_ environment: [String: String]) throws -> Collector { try read("", environment) }

    @Test("only the word true is true, in any case", arguments: [("TRUE", false), ("1", true), ("yes", true)])
    func booleans(text: String, isOn: Bool) throws {
        #expect(try read(["X_OFF": text]).isOn == isOn)
    }

    @Test("lists and pairs are split at commas, and pairs decoded")
    func listsAndPairs() throws {
        #expect(try read(["X_NAMES": " b, c,,"]).names == ["b", "c"])
        let headers = try read(["X_PAIRS": "api-key=a%20b%2C , x = 1=2"]).headers
        #expect(headers == ["api-key": "a b,", "x": "1=2"])
    }

    @Test("a name in a variable is read as its type, and named in a warning but not repeated")
    func names() throws {
        struct Named: PluginConfiguration {
            init(from settings: inout Settings) {
                let _: [Int: String] = settings.map(
                    "named", default: [:], "Names.", environment: .openTelemetry("X_PAIRS", as: .pairs))
            }
        }
        let section = ConfigurationSection(
            path: "", origin: ConfigurationOrigin(layer: .standard, line: 0, column: 0), entries: [],
            environment: ["X_PAIRS": "s3cret=a"])
        var settings = Settings(reading: section)
        _ = Named(from: &settings)
        #expect(settings.warnings.map(\.problem) == ["the value of ${X_PAIRS} is not a whole number"])
    }

    @Test("the first of several variables counts that is set")
    func several() throws {
        #expect(try read(["X_SIZE": "5"]).size == 5)
        #expect(try read(["X_SIZE": "5", "X_TRACES_SIZE": "6"]).size == 6)
        #expect(try read(["X_SIZE": "5", "X_TRACES_SIZE": "x"]).size == 5)
        #expect(try read(["X_SIZE": "10", "X_TRACES_SIZE": "x"]).size == 3)
    }

    @Test(
        "a variable that will not do counts as unset",
        arguments: [["X_DELAY": "soon"], ["X_DELAY": "-1"], ["X_SIZE": "10"], ["X_PAIRS": "a=%zz"], ["X_PAIRS": "a"]])
    func faulty(environment: [String: String]) throws {
        let settings = try read(environment)
        #expect(settings.delay == .seconds(5) && settings.size == 3 && settings.headers.isEmpty)
    }

    @Test("a variable that breaks a rule counts as unset too")
    func rules() throws {
        #expect(try read(["X_ENDPOINT": "nowhere"]).endpoint == nil)
        #expect(try read("delay: 4ms", ["X_SIZE": "5"]).size == 3)
        #expect(throws: InvalidConfiguration.self) { try read("{delay: 4ms, size: 5}", ["X_ENDPOINT": "a"]) }
        let section = ConfigurationSection(
            path: "x", origin: .standard, entries: [], environment: ["X_DELAY": "7", "X_SIZE": "9"])
        #expect(
            Collector.read(section).settings.warnings.map(\.description) == [
                "X_DELAY=7 counts as unset: the value of ${X_DELAY} is shorter than size"
            ])
    }

    @Test("a name of the service that is empty says nothing")
    func emptyPair() throws {
        let profile = try PlannedProfile("", environment: ["OTEL_RESOURCE_ATTRIBUTES": "service.name=,a=b"])
        #expect(profile.lines == [])
        #expect(profile.plan?.service.name == "order")
        #expect(profile.plan?.warnings == [])
    }

    @Test("what the profile says around a section counts more than a variable for that section")
    func profileAround() throws {
        #expect(try read("endpoint: a", ["X_PART_ENDPOINT": "b"]).part.endpoint == nil)
        #expect(try read(["X_ENDPOINT": "a", "X_PART_ENDPOINT": "b"]).part.endpoint == "b")
    }

    @Test("an exporter takes the signals whose variable names it, or nothing")
    func signals() throws {
        #expect(try read([:]).signals == .all)
        #expect(try read(["OTEL_TRACES_EXPORTER": "none"]).signals == [.metrics, .logs])
        #expect(
            try read(["OTEL_LOGS_EXPORTER": "console,otlp", "OTEL_METRICS_EXPORTER": "console"]).signals
                == [.spans, .logs])
        #expect(try read("signals: [logs]", ["OTEL_TRACES_EXPORTER": "otlp"]).signals == .logs)
        #expect(try read("signals: []", [:]).signals == [])
    }

    @Test("variables that name no signal for an exporter leave it none", arguments: ["none", "console"])
    func noSignals(name: String) throws {
        let environment = Dictionary(uniqueKeysWithValues: NamingVariables.exporters.map { ($0, name) })
        #expect(try read(environment).signals == [])
        let plugins: [any Plugin.Type] = SamplePlugins.all + [SampleFile.self]
        let profile = try PlannedProfile("telemetry: {file: }", environment: environment, plugins: plugins)
        let shown = profile.planner.show(profile.loaded)
        #expect(shown.contains("  file:\n    signals: []\n"))
        #expect(try PlannedProfile(shown, plugins: plugins).lines == [])
        let explained = try profile.planner.explain("telemetry.file.signals", in: profile.loaded)
        #expect(explained.contains(": []\n  from: the environment variable OTEL_TRACES_EXPORTER\n"))
    }

    @Test("a warning says what the variable holds, once, unless it may be a secret")
    func warnings() throws {
        let profile = try PlannedProfile(
            "recording: {}",
            environment: [
                "OTEL_TRACES_SAMPLER_ARG": "2", "OTEL_PROPAGATORS": "xray", "OTEL_CONFIG_FILE": "o.yaml",
                "OTEL_SERVICE_NAME": "",
            ])
        #expect(profile.lines == [])
        let warnings = try #require(profile.plan?.warnings)
        #expect(
            warnings == [
                "OTEL_PROPAGATORS=xray counts as unset: "
                    + "must be one of tracecontext, baggage, b3, b3multi, none",
                "OTEL_CONFIG_FILE=o.yaml counts as unset: "
                    + "orderd reads its own profile, not OpenTelemetry's declarative configuration",
                "OTEL_TRACES_SAMPLER_ARG=2 counts as unset: "
                    + "the value of ${OTEL_TRACES_SAMPLER_ARG} is outside 0...1",
            ])
    }

    @Test(
        "a text that is not of its variable's form is told, with what it counts as",
        arguments: [
            ("OTEL_SDK_DISABLED", "yes", "counts as false: is neither true nor false"),
            ("OTEL_SDK_DISABLED", "1", "counts as false: is neither true nor false"),
            ("OTEL_SDK_DISABLED", " False", nil), ("OTEL_SDK_DISABLED", "TRUE", nil), ("OTEL_SDK_DISABLED", "", nil),
            ("X_DELAY", "10s", "counts as unset: is no whole number of milliseconds"), ("X_DELAY", " 10 ", nil),
        ])
    func forms(name: String, text: String, problem: String?) throws {
        struct Delayed: PluginConfiguration {
            init(from settings: inout Settings) {
                _ = settings.value(
                    "delay", default: Duration.seconds(5), "A delay.",
                    environment: .openTelemetry("X_DELAY", as: .milliseconds))
                _ = settings.value(
                    "on", default: true, "On.", environment: .openTelemetry("OTEL_SDK_DISABLED", as: .negatedBoolean))
            }
        }
        let section = ConfigurationSection(
            path: "", origin: ConfigurationOrigin(layer: .standard, line: 0, column: 0), entries: [],
            environment: [name: text])
        var settings = Settings(reading: section)
        _ = Delayed(from: &settings)
        #expect(settings.warnings.map(\.description) == (problem.map { ["\(name)=\(text) \($0)"] } ?? []))
    }

    @Test("an unknown propagator is left out alone, and told; one that is named again counts once")
    func propagators() throws {
        let environment = ["OTEL_PROPAGATORS": "B3,tracecontext,b3,xray"]
        let profile = try PlannedProfile("", environment: environment)
        #expect(profile.plan?.recording.propagators == [.b3, .traceContext])
        #expect(
            profile.plan?.warnings == [
                "OTEL_PROPAGATORS=xray counts as unset: must be one of tracecontext, baggage, b3, b3multi, none"
            ])
        #expect(profile.planner.show(profile.loaded).contains("  propagators: [b3, tracecontext]\n"))
    }

    @Test("the case of a name in a list does not count, and a list without a name is unset", arguments: ["", "X,"])
    func foldedNames(prefix: String) throws {
        let environment = [
            "OTEL_PROPAGATORS": prefix + "TraceContext,B3", "OTEL_TRACES_EXPORTER": ",", "OTEL_LOGS_EXPORTER": " , ",
        ]
        let profile = try PlannedProfile("", environment: environment)
        #expect(profile.plan?.recording.propagators == [.traceContext, .b3])
        #expect(profile.plan?.warnings.count == (prefix.isEmpty ? 0 : 1))
        #expect(profile.plan?.exporters.map(\.name) == ["console"])
        let variables = NamingVariables(environment, exporters: ["console"])
        #expect(Array(variables.environment.keys) == ["OTEL_PROPAGATORS"])
    }

    @Test("the attributes of the environment stand beside those of the profile, which count more")
    func mergedAttributes() throws {
        func profile(_ yaml: String, text: String = "a=1,b=2,service.name=shop") throws -> PlannedProfile {
            try PlannedProfile(
                "recording: {attributes: \(yaml)}", environment: ["OTEL_RESOURCE_ATTRIBUTES": text])
        }
        let merged = try profile("{b: 3, c: 4}")
        #expect(merged.plan?.recording.attributes == ["a": "1", "b": "3", "c": "4"])
        #expect(merged.plan?.service.name == "shop")
        #expect(merged.planner.show(merged.loaded).contains("  attributes: {a: 1, b: 3, c: 4}\n"))
        #expect(try profile("{a: null}").plan?.recording.attributes == ["b": "2"])
        #expect(try profile("{}").plan?.recording.attributes == ["a": "1", "b": "2"])
        #expect(try profile("null").plan?.recording.attributes == [:])
        let reset = try PlannedProfile(
            "recording: {attributes: {a: 5}}", "recording: {attributes: null}", "recording: {attributes: {c: 4}}",
            environment: ["OTEL_RESOURCE_ATTRIBUTES": "b=2"])
        #expect(reset.plan?.recording.attributes == ["c": "4"])
        let faulty = try profile("{c: 4}", text: "a")
        #expect(faulty.plan?.recording.attributes == ["c": "4"])
        #expect(
            faulty.plan?.warnings == ["OTEL_RESOURCE_ATTRIBUTES=a counts as unset: its member 1 has no '='"])
    }

    @Test("an exporter of metrics alone is none of another signal")
    func metricsExporter() {
        let environment = ["OTEL_TRACES_EXPORTER": "prometheus", "OTEL_METRICS_EXPORTER": "prometheus"]
        let variables = NamingVariables(environment, exporters: ["console", "prometheus"])
        #expect(variables.environment == ["OTEL_METRICS_EXPORTER": "prometheus"])
        #expect(
            variables.warnings.map(\.description) == [
                "OTEL_TRACES_EXPORTER=prometheus counts as unset: is an exporter of metrics alone"
            ])
    }

    @Test("the effective profile and the explanation show the variable, or the default where it will not do")
    func documents() throws {
        let environment = [
            "OTEL_TRACES_SAMPLER": "TraceIdRatio", "OTEL_TRACES_SAMPLER_ARG": "x",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=shop,team=a%2Cb",
        ]
        let profile = try PlannedProfile("", environment: environment)
        #expect(profile.plan?.service.name == "shop")
        #expect(profile.plan?.recording.sampler == .ratio)
        #expect(profile.plan?.recording.ratio == 1)
        let shown = profile.planner.show(profile.loaded)
        #expect(shown.contains("  sampler: traceidratio\n  sampler_ratio: 1  # default\n"))
        #expect(shown.contains("  attributes: {team: \"a,b\"}\n"))
        let explained = try profile.planner.explain("recording.sampler", in: profile.loaded)
        #expect(explained.contains("from: the environment variable OTEL_TRACES_SAMPLER\n"))
        #expect(
            try profile.planner.explain("recording.sampler_ratio", in: profile.loaded).contains(
                """
                  from: default
                  warning: OTEL_TRACES_SAMPLER_ARG=x counts as unset: the value of \
                ${OTEL_TRACES_SAMPLER_ARG} is not a number

                """))
        let given = try PlannedProfile("recording: {sampler_ratio: 1}", environment: environment)
        #expect(try !given.planner.explain("recording.sampler_ratio", in: given.loaded).contains("warning"))
    }

    @Test(
        "pairs that cannot be read are told with the member that is at fault, and no secret",
        arguments: [
            ("X_PAIRS", "a=b,k=%zz", "a=b,k=%zz", "its member 2 has a '%' that cannot be decoded"),
            ("X_PAIRS", "a=b,,=c", "a=b,,=c", "its member 2 has no name before its '='"),
            ("X_KEYS", "x=hunter2, hunter3", "…", "its member 2 has no '='"),
        ])
    func faultyPairs(name: String, text: String, shown: String, problem: String) {
        let section = ConfigurationSection(path: "x", origin: .standard, entries: [], environment: [name: text])
        let (collector, settings) = Collector.read(section)
        #expect(settings.warnings.map(\.description) == ["\(name)=\(shown) counts as unset: \(problem)"])
        #expect(collector.headers.isEmpty && collector.secrets.isEmpty)
    }

    @Test(
        "a ratio that the sampler does not go by is told with its place, unless it leaves out nothing",
        arguments: [
            ("recording: {sampler_ratio: 0.01}", nil, nil, "0.yaml:1:28"),
            ("recording: {sampler: parentbased_always_off}", nil, "0.01", "--set recording.sampler_ratio"),
            ("", "0.01", nil, "the environment variable OTEL_TRACES_SAMPLER_ARG"),
            ("recording: {sampler_ratio: 1}", nil, nil, nil), ("recording: {sampler_ratio: }", "0.01", nil, nil),
            ("recording: {sampler: traceidratio}", "0.01", nil, nil),
        ] as [(String, String?, String?, String?)])
    func idleRatio(yaml: String, variable: String?, set: String?, place: String?) throws {
        let profile = try PlannedProfile(
            yaml, set: set.map { ["recording.sampler_ratio=\($0)"] } ?? [],
            environment: variable.map { ["OTEL_TRACES_SAMPLER_ARG": $0] } ?? [:])
        let sampler = yaml.contains("off") ? "parentbased_always_off" : "parentbased_always_on"
        let warning = place.map {
            "recording.sampler_ratio (\($0)) has no effect: the sampler is \(sampler); "
                + "set recording.sampler to parentbased_traceidratio"
        }
        #expect(profile.plan?.warnings == (warning.map { [$0] } ?? []))
    }

    private static let address = "OTEL_EXPORTER_OTLP_ENDPOINT"

    @Test(
        "the address of a collector is told where no exporter goes there, unless that is what the profile wants",
        arguments: [
            (
                "", [address: "http://c:4317"],
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 counts as unset: no exporter otlp is in use; "
                    + "set OTEL_TRACES_EXPORTER=otlp, or give the profile 'telemetry: {otlp: {}}'"
            ),
            (
                "telemetry: {console: }", ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "c?hunter2"],
                "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=… counts as unset: the profile has no exporter otlp; "
                    + "add 'otlp: {}' to its section telemetry"
            ),
            ("telemetry: {otlp/b: {endpoint: \"http://c\"}}", [address: "http://c:4317"], nil),
            ("telemetry: {console: , otlp: false}", [address: "http://c:4317"], nil),
            (
                "",
                [
                    address: "http://c:4317", "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none",
                    "OTEL_LOGS_EXPORTER": "console",
                ], nil
            ),
        ] as [(String, [String: String], String?)])
    func unheardEndpoints(yaml: String, environment: [String: String], warning: String?) throws {
        let profile = try PlannedProfile(yaml, environment: environment)
        #expect(profile.lines == [])
        #expect(profile.plan?.warnings == (warning.map { [$0] } ?? []))
    }

    @Test("without a telemetry section the variables of OpenTelemetry pick the exporters")
    func exporters() throws {
        func exporters(_ yaml: String, _ environment: [String: String]) throws -> [String]? {
            try PlannedProfile(yaml, environment: environment).plan?.exporters.map(\.name)
        }
        #expect(try exporters("", [:]) == ["console"])
        #expect(try exporters("", ["OTEL_TRACES_EXPORTER": "none"]) == ["console"])
        let none = [
            "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
        ]
        #expect(try exporters("", none) == [])
        #expect(try exporters("telemetry: {console: }", ["OTEL_TRACES_EXPORTER": "none"]) == ["console"])
        #expect(try exporters("", ["OTEL_LOGS_EXPORTER": "console", "OTEL_TRACES_EXPORTER": "none"]) == ["console"])
    }

    @Test("an exporter that the binary lacks counts as not named, and is told")
    func unknownExporter() throws {
        let environment = ["OTEL_TRACES_EXPORTER": "consloe", "OTEL_LOGS_EXPORTER": "none, zipkin"]
        let profile = try PlannedProfile("telemetry: {console: }", environment: environment)
        let warnings = try #require(profile.plan?.warnings)
        #expect(warnings.count == 2)
        #expect(warnings[0].hasPrefix("OTEL_TRACES_EXPORTER=consloe counts as unset: is no exporter of this program"))
        #expect(warnings[0].hasSuffix("; did you mean 'console'?"))
        #expect(warnings[1].hasPrefix("OTEL_LOGS_EXPORTER=zipkin counts as unset: "))
        let planner = profile.planner
        #expect(try planner.explain("telemetry.console", in: profile.loaded) != "")
        #expect(
            try PlannedProfile("", environment: ["OTEL_TRACES_EXPORTER": "zipkin"]).plan?.exporters.map(\.name) == [
                "console"
            ])
    }
}
