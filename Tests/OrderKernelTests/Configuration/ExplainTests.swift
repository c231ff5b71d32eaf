import OrderKernel
import Testing

@Suite("What is explained of a setting")
struct ExplainTests {
    @Test("what a terminal would obey is escaped, also in keys and paths")
    func explainsEscaped() throws {
        let profile = try PlannedProfile(
            "transport: {http: {names: {\"a\\e\": 1}}}", "transport: {http: {names: {b: 1}}}")
        #expect(
            try profile.planner.explain("transport.http.names", in: profile.loaded).contains(
                "  from: 0.yaml:1:35 (a\\u{1B}), 1.yaml:1:31 (b)\n"))
        let error = #expect(throws: UnknownName.self) { try profile.planner.explain("\u{1B}", in: profile.loaded) }
        #expect(error?.description.hasPrefix("there is no \\u{1B}; ") == true)
    }

    @Test("a value is explained with its place and what it overrode")
    func explainsValue() throws {
        let profile = try PlannedProfile(
            "transport:\n  http:\n    port: 1\n", "transport: {http: {port: 2}}", set: ["transport.http.port=3"],
            environment: ["PORT": "4"])
        #expect(
            try profile.planner.explain("transport.http.port", in: profile.loaded) == """
                transport.http.port: 3
                  from: --set transport.http.port
                  overrides: 2, from 1.yaml:1:26
                  overrides: 1, from 0.yaml:3:11
                  overrides: 4, from the environment variable PORT
                  type: whole number, 0...65535
                  default: 5000
                  environment: PORT
                  TCP port.

                """)
    }

    @Test("a null is named that leaves the default")
    func explainsReset() throws {
        let profile = try PlannedProfile(
            "transport: {http: {port: 1, proxy: x}}", "transport: {http: {port: null, proxy: }}")
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(
            try explain("transport.http.port").hasPrefix(
                """
                transport.http.port: 5000
                  from: default
                  reset by: null, from 1.yaml:1:26
                  overrides: 1, from 0.yaml:1:26

                """))
        #expect(
            try explain("transport.http.proxy").hasPrefix(
                "transport.http.proxy: not set\n  reset by: null, from 1.yaml:1:39\n"))
    }

    @Test("secrets, sections and defaults are explained")
    func explainsOthers() throws {
        let profile = try PlannedProfile(PlannedProfile.rich)
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(
            try explain("storage.postgres.password").hasPrefix("storage.postgres.password: ‹secret›\n  from: 0.yaml:2:")
        )
        #expect(
            try explain("storage.postgres.url").hasPrefix("storage.postgres.url: postgresql://me@db:5432/orders?a=1\n"))
        #expect(try explain("orders.customer_id").contains("orders.customer_id: required\n  from: default\n"))
        #expect(try explain("transport.http/admin.rules[1].weight").contains("weight: 1\n"))
        #expect(try explain("middleware[0].rate_limit.per_second").contains("per_second: 7\n"))
        #expect(try explain("transport").contains("  json_lines  Reads orders line by line.\n"))
        #expect(try explain("storage.sqlite").contains("  path     File that holds the orders.\n"))
    }

    @Test(
        "an unknown path is refused with a suggestion",
        arguments: [
            ("transport.http.prt", "transport.http.port"), ("storage.sqlit.path", "storage.sqlite.path"),
            ("servce", "service"), ("transport.htpp.prot", "transport.http.port"), ("SERVICE.NAME", "service.name"),
            ("storage.sqlit.pth", "storage.sqlite.path"), ("storage.sqlit.zzz", "storage.sqlite"),
            ("transport.htp.port.x", "transport.http.port"), ("storge", "storage"),
            ("transport.http.port.x", "transport.http.port"), ("sqlite.path", "storage.sqlite.path"),
            ("sqlite.pth", "storage.sqlite.path"),
        ])
    func explainsUnknown(path: String, suggestion: String) throws {
        let profile = try PlannedProfile("")
        let error = #expect(throws: UnknownName.self) { try profile.planner.explain(path, in: profile.loaded) }
        #expect(error?.suggestion == suggestion)
    }

    @Test("where nothing can be suggested, what there is is listed")
    func unknownWithoutSuggestion() throws {
        let profile = try PlannedProfile("")
        func said(_ body: () throws -> String) -> String? {
            #expect(throws: UnknownName.self) { try body() }?.description
        }
        #expect(
            said { try profile.planner.sample(storage: "mongo", transports: ["http"]) }
                == "there is no storage mongo; there are sqlite, postgres")
        #expect(
            said { try profile.planner.explain("storage.xyz", in: profile.loaded) }
                == "there is no storage.xyz; there are sqlite, postgres")
        #expect(
            said { try profile.planner.explain("password", in: profile.loaded) }
                == "there is no password; did you mean storage.postgres.password?")
        #expect(said { try CodeExplanation.text("x") } == "there is no problem x; `orderd explain` lists all")
    }

    @Test("one element of a list and one entry of a map are explained as what they are")
    func explainsParts() throws {
        let profile = try PlannedProfile("orders: {wood_types: [oak], transitions: {ready: [shipped]}}")
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(
            try explain("orders.wood_types[0]").hasPrefix(
                "orders.wood_types[0]: oak\n  from: 0.yaml:1:23\n  type: text\n"))
        #expect(
            try explain("orders.wood_types[1]").hasPrefix(
                "orders.wood_types[1]: not set\n  type: text\n  default: none\n"))
        #expect(
            try explain("orders.transitions.ready[0]").hasPrefix(
                "orders.transitions.ready[0]: shipped\n  from: 0.yaml:1:51\n"))
        #expect(try explain("orders.transitions.ready").hasPrefix("orders.transitions.ready: [shipped]\n"))
        #expect(try explain("orders.transitions.closed").hasPrefix("orders.transitions.closed: not set\n"))
    }

    @Test("an element of a default is explained, while the default holds")
    func explainsDefaultParts() throws {
        let profile = try PlannedProfile("orders: {wood_types: [ash]}", "orders: {wood_types: }")
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(
            try explain("orders.wood_types[1]").hasPrefix(
                "orders.wood_types[1]: maple\n  from: default\n  type: text\n  default: maple\n"))
        #expect(try explain("orders.wood_types[5]").hasPrefix("orders.wood_types[5]: not set\n"))
        let given = try PlannedProfile("orders: {wood_types: [ash]}")
        #expect(
            try given.planner.explain("orders.wood_types[1]", in: given.loaded).hasPrefix(
                "orders.wood_types[1]: not set\n"))
    }

    @Test("an entry of a map is explained, whoever gives it, and whatever its name holds")
    func explainsEntries() throws {
        let profile = try PlannedProfile(
            "transport: {http: {names: {a.b: 1, c: 2}}}", "transport: {http: {names: {c: 3}}}",
            environment: ["OTEL_RESOURCE_ATTRIBUTES": "service.version=7"])
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(try explain("transport.http.names.a.b").hasPrefix("transport.http.names.a.b: 1\n  from: 0.yaml:1:33\n"))
        #expect(
            try explain("transport.http.names.c").hasPrefix(
                "transport.http.names.c: 3\n  from: 1.yaml:1:31\n  overrides: 2, from 0.yaml:1:39\n"))
        #expect(
            try explain("transport.http.names").hasPrefix(
                "transport.http.names: {a.b: 1, c: 3}\n  from: 0.yaml:1:33 (a.b), 1.yaml:1:31 (c)\n"))
        #expect(
            try explain("recording.attributes.service.version").hasPrefix(
                "recording.attributes.service.version: 7\n"
                    + "  from: the environment variable OTEL_RESOURCE_ATTRIBUTES\n"))
    }

    @Test("entries of a profile are explained beside those of a variable that they add to")
    func explainsMergedEntries() throws {
        let profile = try PlannedProfile(
            "recording: {attributes: {b: 3}}", environment: ["OTEL_RESOURCE_ATTRIBUTES": "a=1,b=2"])
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        let variable = "the environment variable OTEL_RESOURCE_ATTRIBUTES"
        #expect(
            try explain("recording.attributes").hasPrefix(
                "recording.attributes: {a: 1, b: 3}\n  from: \(variable) (a), 0.yaml:1:29 (b)\n  type: "))
        #expect(
            try explain("recording.attributes.b").hasPrefix(
                "recording.attributes.b: 3\n  from: 0.yaml:1:29\n  overrides: 2, from \(variable)\n"))
        #expect(
            try explain("recording.attributes.a").hasPrefix("recording.attributes.a: 1\n  from: \(variable)\n  type"))
    }

    @Test("the setting of an instance is explained, though its name holds dots")
    func explainsDottedInstances() throws {
        let profile = try PlannedProfile(
            "transport: {http/a: {port: 1}, http/a.b: {port: 2, names: {c.d: 3}}, http/a.b.c: {port: 4}}")
        func explain(_ path: String) throws -> String {
            try profile.planner.explain("transport." + path, in: profile.loaded)
        }
        #expect(try explain("http/a.port").hasPrefix("transport.http/a.port: 1\n"))
        let port = try explain("http/a.b.port")
        #expect(port.hasPrefix("transport.http/a.b.port: 2\n  from: 0.yaml:1:49\n") && !port.contains("not in use"))
        #expect(try explain("http/a.b.names.c.d").hasPrefix("transport.http/a.b.names.c.d: 3\n"))
        #expect(try explain("http/a.b.c.port").hasPrefix("transport.http/a.b.c.port: 4\n"))
        #expect(try explain("http/a.b").hasPrefix("transport.http/a.b\n  Serves orders over HTTP.\n"))
        #expect(throws: UnknownName.self) { try explain("http/b.c.port") }
    }

    @Test("what was overridden is shown as it is written, secrets hidden")
    func explainsOverriddenSubstitution() throws {
        let profile = try PlannedProfile(
            "service: {name: '${A:-b} $$5'}\ntransport: {http: {token: '${T:-hunter2}'}}",
            "service: {name: x}\ntransport: {http: {token: hunter3}}")
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(try explain("service.name").contains("  overrides: \"${A:-b} $$5\", from 0.yaml:1:17\n"))
        #expect(try !explain("transport.http.token").contains("hunter"))
    }

    @Test("what was overridden is not shown where it is no value of the setting")
    func explainsOverriddenKind() throws {
        let profile = try PlannedProfile(
            "{service: {name: {password: hunter2}}, orders: {wood_types: [{a: hunter2}]}}",
            "{service: {name: [hunter2]}, orders: {wood_types: hunter2}}",
            "{service: {name: x}, orders: {wood_types: [a]}}")
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(
            try explain("service.name").contains(
                "  overrides: a list, from 1.yaml:1:18\n  overrides: a map, from 0.yaml:1:18\n"))
        #expect(
            try explain("orders.wood_types").contains(
                "  overrides: …, from 1.yaml:1:51\n  overrides: a list, from 0.yaml:1:61\n"))
    }

    @Test("that a profile does not pick a plugin is said when its setting is explained")
    func explainsUnused() throws {
        let profile = try PlannedProfile("transport: {http: {port: 1}}", "transport: {http: false, json_lines: }")
        func explain(_ path: String) throws -> String { try profile.planner.explain(path, in: profile.loaded) }
        #expect(
            try explain("transport.http.port").hasSuffix(
                "\n  not in use: the profile has no transport.http; it is false at 1.yaml:1:19\n"))
        #expect(
            try explain("storage.postgres.password").hasSuffix(
                "\n  not in use: the profile has no storage.postgres\n"))
        #expect(try !explain("transport.json_lines.input").contains("not in use"))
        #expect(try !explain("storage.sqlite.path").contains("not in use"))
        #expect(
            try explain("telemetry.console") == "telemetry.console\n  Prints telemetry.\n  Nothing can be set here.\n")
    }
}
