import OrderKernel
import Testing

@Suite("Planning a profile")
struct PlannerTests {
    private func lines(_ layers: String...) throws -> [String] {
        switch layers.count {
        case 1: try PlannedProfile(layers[0]).lines
        default: try PlannedProfile(layers[0], layers[1]).lines
        }
    }

    @Test("an empty profile is SQLite, HTTP and the console")
    func empty() throws {
        let profile = try PlannedProfile("")
        let plan = try #require(profile.plan)
        #expect(plan.storage.name == "sqlite")
        #expect(plan.transports.map(\.name) == ["http"])
        #expect(plan.exporters.map(\.name) == ["console"])
        #expect(plan.middleware.isEmpty)
        #expect(plan.rules == .standard)
        #expect(plan.service.name == "order")
        #expect(plan.service.shutdownDelay == .zero)
        #expect(plan.service.shutdownGrace == .seconds(25))
        #expect("\(plan.logging.level)" == "info")
        #expect(plan.logging.format == .auto)
    }

    @Test("a program without the default plugins asks for some")
    func noDefaults() throws {
        let profile = try PlannedProfile("", plugins: [OtherStorage.self, SampleLines.self])
        #expect(
            profile.lines == [
                "default missing storage: names no storage; this program has postgres",
                "default missing transport: names no transport; this program has json_lines",
            ])
        let none = try PlannedProfile("", plugins: [SampleLines.self])
        #expect(none.lines.first == "default missing storage: names no storage; this program has none")
    }

    @Test("sections without a value say nothing")
    func nullSections() throws {
        let text = "service:\norders: ~\nstorage:\ntransport:\ntelemetry:\nmiddleware:\nlogging:\n"
        let plan = try #require(try PlannedProfile(text).plan)
        #expect(plan.storage.name == "sqlite")
        #expect(plan.transports.map(\.name) == ["http"])
    }

    @Test("the sections of the kernel are read")
    func coreSections() throws {
        let profile = try PlannedProfile(
            """
            service: {name: shop, shutdown_delay: 5s, shutdown_grace: 1m}
            orders:
              wood_types: [ash, 17]
              customer_id: optional
              transitions: {registered: [ready, blocked], closed: []}
            logging: {level: WARN, format: json}
            """)
        let plan = try #require(profile.plan)
        #expect(plan.service.name == "shop")
        #expect(plan.service.shutdownGrace == .seconds(60))
        #expect(plan.rules.woodTypes == ["ash", "17"])
        #expect(!plan.rules.requiresCustomer)
        #expect(plan.rules.transitions == [.registered: [.ready, .blocked], .closed: []])
        #expect("\(plan.logging.level)" == "warning")
        #expect(plan.logging.format == .json)
    }

    @Test("a wood type that is empty, there twice, or not what it seems is a problem with its place")
    func woodTypes() throws {
        #expect(
            try lines("orders:\n  wood_types:\n  - oak\n  - ''\n  - ash\n  - \"a\\0\"\n  - oak\n  - 'ash '") == [
                "0.yaml:4:5 check_failed orders.wood_types[1]: '' is an empty name",
                "0.yaml:6:5 check_failed orders.wood_types[3]: 'a\0' holds the character NUL, "
                    + "which not every storage can keep",
                "0.yaml:7:5 check_failed orders.wood_types[4]: 'oak' is there twice",
                "0.yaml:8:5 check_failed orders.wood_types[5]: 'ash ' begins or ends with a blank",
            ])
    }

    @Test("instances of one plugin stand beside each other, and false takes one out")
    func instances() throws {
        let profile = try PlannedProfile(
            "transport:\n  http:\n  http/admin: {port: 5001}\n  json_lines: {}\ntelemetry: {}",
            "transport: {json_lines: No}\nmiddleware: [{rate_limit: {per_second: 5}}]")
        let plan = try #require(profile.plan)
        #expect(plan.transports.map(\.name) == ["http", "http/admin"])
        #expect(plan.exporters.isEmpty)
        #expect(plan.middleware.map(\.name) == ["rate_limit"])
    }

    @Test("the highest layer that names a storage chooses it, and the other need not be complete")
    func storageOfHighestLayer() throws {
        let profile = try PlannedProfile(
            "storage: {postgres: {url: \"${NOWHERE}\"}}", "storage: {sqlite: {path: a.db}}")
        #expect(profile.lines == [])
        #expect(profile.plan?.storage.name == "sqlite")
        let overridden = try PlannedProfile("storage: {sqlite: {path: a}}", set: ["storage.postgres.password=x"])
        #expect(
            overridden.lines == [
                "--set 0 missing storage.postgres.url: is missing: a URL is required, "
                    + "here or as the environment variable DATABASE_URL"
            ])
    }

    @Test(
        "a faulty profile is reported where it is wrong",
        arguments: [
            ("storge: {}", "0.yaml:1:1 unknown_key storge: is no section of a profile; did you mean 'storage'?"),
            ("storage: {}", "0.yaml:1:1 missing storage: names no storage; this program has sqlite, postgres"),
            (
                "transport: {http: false}",
                "0.yaml:1:1 missing transport: names no transport, only what is taken out; "
                    + "this program has http, json_lines"
            ),
            (
                "transport: {htp: {}, http: {}}",
                "0.yaml:1:13 unknown_plugin transport.htp: is no transport of this program, "
                    + "which has http, json_lines; did you mean 'http'?"
            ),
            (
                "transport: {http/: {}}",
                "0.yaml:1:13 unknown_plugin transport.http/: has no name after its slash; "
                    + "write 'http', or 'http/NAME'"
            ),
            ("transport: {http: {}, sqlite: {}}", "0.yaml:1:23 misplaced_key transport.sqlite: belongs to storage"),
            (
                "transport: {http: {shutdown_grace: 5s}}",
                "0.yaml:1:20 misplaced_key transport.http.shutdown_grace: belongs to service"
            ),
            ("readers: 5", "0.yaml:1:1 misplaced_key readers: belongs to storage.sqlite"),
            (
                "service: {logging: {}}", "0.yaml:1:11 misplaced_key service.logging: belongs to the top level"
            ),
            (
                "transport: http",
                "0.yaml:1:12 wrong_type transport: is a single value; a map is expected; "
                    + "the plugin is a key of its own, such as 'http:'"
            ),
            (
                "storage: [sqlite: ]",
                "0.yaml:1:10 wrong_type storage: is a list; a map is expected; "
                    + "the plugin is a key of its own, such as 'sqlite:'"
            ),
            ("transport: {http: , port: 5000}", "0.yaml:1:21 misplaced_key transport.port: belongs to transport.http"),
            (
                "storage: {sqlite: {file: a}}",
                "0.yaml:1:20 unknown_key storage.sqlite.file: is no setting of storage.sqlite; did you mean 'path'?"
            ),
            (
                "storage: {pg: {}}",
                "0.yaml:1:11 unknown_plugin storage.pg: is no storage of this program, which has sqlite, postgres; "
                    + "did you mean 'postgres'?"
            ),
            (
                "transport: {http/a: {enabled: true}}",
                "0.yaml:1:22 unknown_key transport.http/a.enabled: is no setting of transport.http/a; "
                    + "what stands here is on; 'http/a: false' leaves it out"
            ),
            ("transport: {port: 5000}", "0.yaml:1:13 misplaced_key transport.port: belongs to transport.http"),
            (
                "storage: {sqlite: , mysql: {url: x}}",
                "0.yaml:1:21 unknown_plugin storage.mysql: is no storage of this program, which has sqlite, postgres"
            ),
            (
                "logging:{level: info}",
                "0.yaml:1:1 unknown_key logging: is no section of a profile; "
                    + "write a space after the colon of 'logging:'"
            ),
            (
                "service: {'${KEY}': 5}",
                "0.yaml:1:11 unknown_key service.${KEY}: is no setting of service; "
                    + "keys are taken as they are, without substitution"
            ),
            ("service: {'': 5}", "0.yaml:1:11 unknown_key service.\"\": is no setting of service; the key is empty"),
            (
                "transport: {http: true}",
                "0.yaml:1:19 wrong_type transport.http: is a single value; "
                    + "a map of settings, nothing, or false is expected"
            ),
            (
                "transport: {http: , json_lines: 'false'}",
                "0.yaml:1:33 wrong_type transport.json_lines: is a single value; "
                    + "a map of settings, nothing, or false is expected"
            ),
            (
                "transport: {http:hunter2}",
                "0.yaml:1:13 unknown_plugin transport.http: is no transport of this program, "
                    + "which has http, json_lines; write a space after the colon of 'http:'"
            ),
            (
                "transport: {http hunter2}",
                "0.yaml:1:13 unknown_plugin transport.http: is no transport of this program, "
                    + "which has http, json_lines; write 'http: …'"
            ),
            (
                "transport: {http: {token=hunter2}}",
                "0.yaml:1:20 unknown_key transport.http.token: is no setting of transport.http; write 'token: …'"
            ),
            ("{service hunter2}", "0.yaml:1:2 unknown_key service: is no section of a profile; write 'service: …'"),
            (
                "transport.http.port: 3",
                "0.yaml:1:1 unknown_key transport.http.port: is no section of a profile; "
                    + "keys are not split at their dots; write transport: {http: {port: …}}"
            ),
            (
                "transport: {http: , http.port 3}",
                "0.yaml:1:21 unknown_plugin transport.http.port: is no transport of this program, "
                    + "which has http, json_lines; keys are not split at their dots; write http: {port: …}"
            ),
            (
                "transport: {http: , '${NAME}': }",
                "0.yaml:1:21 unknown_plugin transport.${NAME}: is no transport of this program, "
                    + "which has http, json_lines; keys are taken as they are, without substitution"
            ),
            (
                "middleware: {}",
                "0.yaml:1:13 wrong_type middleware: is a map; a list is expected; write '- ' before each middleware"
            ),
            (
                "middleware: [rate_limit]",
                "0.yaml:1:14 wrong_type middleware[0]: is a single value; a map is expected; write '- NAME: {}'"
            ),
            (
                "middleware: [{rate_limit: {per_second: 0}}]",
                "0.yaml:1:40 out_of_range middleware[0].rate_limit.per_second: 0 is outside 1...100000"
            ),
            (
                "middleware: [{rate_limit: }]",
                "0.yaml:1:15 missing middleware[0].rate_limit.per_second: is missing: a whole number is required"
            ),
            (
                "middleware:\n- rate_limit: {per_second: 1}\n- rate_limit: {per_second: 2}\n",
                "0.yaml:3:3 conflict middleware[1].rate_limit: has the name of middleware[0].rate_limit (line 2); "
                    + "give it one of its own, such as 'rate_limit/two'"
            ),
            (
                "orders: {wood_types: []}",
                "0.yaml:1:22 out_of_range orders.wood_types: "
                    + "is an empty list; at least one element is expected"
            ),
            (
                "orders: {transitions: {redy: []}}",
                "0.yaml:1:24 unknown_choice orders.transitions.redy: must be one of registered, ready, shipped, "
                    + "blocked, closed, unknown; did you mean 'ready'?"
            ),
            (
                "orders: {transitions: {ready=hunter2: []}}",
                "0.yaml:1:24 wrong_type orders.transitions.ready: is a key that holds its value; write 'ready: …'"
            ),
            (
                "orders: {transitions: {redy: null}}",
                "0.yaml:1:24 unknown_choice orders.transitions.redy: must be one of registered, ready, shipped, "
                    + "blocked, closed, unknown; did you mean 'ready'?"
            ),
            (
                "orders: {customer_id: requird}",
                "0.yaml:1:23 unknown_choice orders.customer_id: must be one of required, optional; "
                    + "did you mean 'required'?"
            ),
            (
                "logging: {level: loud}",
                "0.yaml:1:18 unknown_choice logging.level: must be one of trace, debug, info, notice, warning, error, "
                    + "critical"
            ),
            (
                "storage: {sqlite: {path: a}, postgres: {url: x://y, password: z}}",
                "0.yaml:1:30 conflict storage.postgres: is a second storage beside storage.sqlite (line 1); "
                    + "a service has exactly one"
            ),
            (
                "storage:\n  postgres:\n  sqlite:\n",
                "0.yaml:3:3 conflict storage.sqlite: is a second storage beside storage.postgres (line 2); "
                    + "a service has exactly one"
            ),
            (
                "storage:\n  sqlite:\n  sqlite/b:\n",
                "0.yaml:3:3 conflict storage.sqlite/b: is a second storage beside storage.sqlite (line 2); "
                    + "a service has exactly one"
            ),
        ])
    func faults(yaml: String, expected: String) throws {
        let profile = try PlannedProfile(yaml)
        #expect(profile.lines == [expected])
        #expect(profile.plan == nil)
    }

    @Test("each middleware whose name is taken is told one that is free, and checked like any other")
    func equalMiddleware() throws {
        let profile = try PlannedProfile(
            """
            middleware:
            - rate_limit: {per_second: 1}
            - rate_limit/two: {per_second: 1}
            - rate_limit: {per_second: 0}
            - rate_limit/two: {per_second: 1}
            """)
        #expect(profile.problems.map(\.code) == [.conflict, .outOfRange, .conflict])
        #expect(profile.problems.map(\.suggestion) == ["rate_limit/three", nil, "rate_limit/four"])
        #expect(profile.problems.map { $0.related.map(\.origin.line) } == [[2], [], [3]])
    }

    @Test("what one of two equal keys says is not missing")
    func duplicateKeys() throws {
        let transports = "transport: {http: }\ntransport: {}\n"
        let storages = "storage: {postgres: {url: 'a://h', password: x}}\nstorage: {postgres: }\n"
        #expect(try PlannedProfile(transports + storages).problems.map(\.code) == [.duplicateKey, .duplicateKey])
    }

    @Test("what the earlier of two equal keys says is checked too")
    func earlierKeys() throws {
        let profile = try PlannedProfile("service: {nam: x}\nservice: {nme: y}\nservice: {name: z}")
        #expect(
            profile.problems.map(\.path) == ["service.nam", "service", "service.nme", "service"])
        #expect(profile.problems.map(\.origin.line) == [1, 2, 2, 3])
    }

    @Test("beside a file that cannot be read, what is wrong with the others and with --set is told, and nothing else")
    func brokenLayer() throws {
        let profile = try PlannedProfile(
            "a: [", "storge: {}\nstorage: {postgres: }\norders: {customer_id: no}", set: ["transport.http.prot=5"])
        #expect(profile.problems.map(\.code) == [.syntax, .unknownKey, .unknownChoice, .unknownKey])
        #expect(profile.plan == nil)
        let variable = try PlannedProfile("storage: {postgres: {url: '${NOWHERE}'}}", "storage: {sqlite: {")
        #expect(variable.problems.map(\.code) == [.syntax])
    }

    @Test("a value of a variable that will not do is told as the variable's, and not shown")
    func faultyVariable() throws {
        let text = "storage: {postgres: {password: x}}"
        #expect(
            try PlannedProfile(text, environment: ["DATABASE_URL": "ftp://hunter2"]).lines == [
                "DATABASE_URL check_failed storage.postgres.url: the value of ${DATABASE_URL} is of another scheme"
            ])
        #expect(
            try PlannedProfile("storage: {postgres: {password: x, url: 'ftp://h'}}").lines == [
                "0.yaml:1:40 check_failed storage.postgres.url: is of another scheme"
            ])
    }

    @Test("unknown keys are reported in every layer, other faults only of the value that won")
    func layers() throws {
        let upper = """
            service: {nme: b, shutdown_grace: 1s}
            storage: {sqlite: {path: c}}
            transport: {json_lines: , http: false}
            """
        #expect(
            try lines(
                "service: {nme: a, shutdown_grace: x}\nstorage: {postgres: {pth: b}}\ntransport: {http: {prt: 1}}",
                upper
            ).map { $0.prefix { $0 != ":" } + " " + $0.split(separator: " ")[1...2].joined(separator: " ") } == [
                "0.yaml unknown_key service.nme:", "0.yaml unknown_key storage.postgres.pth:",
                "0.yaml unknown_key transport.http.prt:", "1.yaml unknown_key service.nme:",
            ])
    }

    @Test("a faulty --set has its own place")
    func overrides() throws {
        let profile = try PlannedProfile(
            "", set: ["transport.http.port=70000", "transport.http.prt=1", "orders.wood_types[0]=ash"])
        #expect(
            profile.lines == [
                "--set 0 out_of_range transport.http.port: 70000 is outside 0...65535",
                "--set 1 unknown_key transport.http.prt: is no setting of transport.http; did you mean 'port'?",
                "--set 2 unknown_key orders.wood_types[0]: is no setting of orders; "
                    + "one element cannot be set alone; write the whole list, wood_types: [a, b]",
            ])
    }

    @Test("an attribute that orderd says itself is refused where it stands, as is one without a name")
    func reservedAttributes() throws {
        #expect(
            try PlannedProfile("recording: {attributes: {service.name: a, telemetry.sdk.name: b, '': c, d: e}}").lines
                == [
                    "0.yaml:1:26 check_failed recording.attributes.service.name: cannot be set here: "
                        + "use the setting service.name",
                    "0.yaml:1:43 check_failed recording.attributes.telemetry.sdk.name: cannot be set: "
                        + "orderd says it of itself",
                    "0.yaml:1:66 check_failed recording.attributes.\"\": is an empty name",
                ])
    }

    @Test("a name with dots that --set cuts is told how to be written")
    func dottedName() throws {
        #expect(
            try PlannedProfile("", set: ["recording.attributes.a.b=x"]).lines == [
                "--set 0 wrong_type recording.attributes.a: is a map; text is expected; "
                    + "a name with dots stands in braces: --set 'recording.attributes={a.b: …}'"
            ])
    }

    @Test("what a null took back from a map needs no variable")
    func takenBack() throws {
        let lower = "recording: {attributes: {a: '${NO}', b: '${NO}'}}\norders: {transitions: {ready: ['${NO}']}}"
        let null = "recording: {attributes: ~}\norders: {transitions: ~}"
        #expect(try lines(lower).count == 3)
        #expect(try lines(lower, null) == [])
        let again = try PlannedProfile(lower, null, "recording: {attributes: {b: '${OF}'}}", environment: ["OF": "1"])
        #expect(again.lines == [])
        #expect(again.plan?.recording.attributes == ["b": "1"])
    }

    @Test("without the environment, what is missing there is let pass")
    func withoutEnvironment() throws {
        let text = "transport: {http: {port: \"${A}\", timeout: \"${B}\", mode: \"${C}\", quiet: \"${D}\"}}"
        #expect(try PlannedProfile(text, withoutEnvironment: true).lines == [])
        #expect(try PlannedProfile(text).problems.map(\.code) == Array(repeating: .missingVariable, count: 4))
        let required = try PlannedProfile("storage: {postgres: }", withoutEnvironment: true)
        #expect(required.problems.map(\.path) == ["storage.postgres.password"])
    }
}
