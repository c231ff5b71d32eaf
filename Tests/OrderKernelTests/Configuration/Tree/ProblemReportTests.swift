import OrderKernel
import Testing

@Suite("Problem report")
struct ProblemReportTests {
    static let secrecy = ExcerptSecrecy(
        isRevealable: { ["http.port", "http.host", "list[0]"].map(ConfigurationPath.steps).contains($0) },
        holdsNames: { $0.count < 2 }, secretKeys: ["dsn"])

    @Test("a problem is a line, the profile's line and a caret")
    func text() throws {
        #expect(
            try report("http:\n  port: 7\n", at: (2, 9)) == """
                1.yaml:2:9: p: m
                    port: 7
                          ^

                """)
    }

    @Test(
        "a value is shown only when its setting is known and no secret",
        arguments: [
            ("http: {port: 7, password: hunter2, host: h}", 1, "http: {port: 7, password: …, host: h}"),
            ("pasword: hunter2 # was hunter1", 1, "pasword: … # was hunter1".replacing("# was hunter1", with: "…")),
            ("http: {port: 7} # fine", 1, "http: {port: 7} # fine"),
            ("a: |\n  hunter2\n  b: c\n", 2, "…"), ("a: |\n  hunter2\n", 1, "a: …"), ("a: [x, 'y']", 1, "a: [… …]"),
            ("http: {port: &x hunter2}\npassword: *x", 1, "http: {port: …}"),
            ("http: {port: &x 7}\npassword: *x", 2, "password: …"), ("'http.port': hunter2", 1, "'http.port': …"),
            ("a: {b: &hunter2 [a]}", 1, "a: {b: …]}"), ("a: {password:hunter2}", 1, "a: {password:…}"),
            ("a: {password=hunter2}", 1, "a: {password=…}"),
            ("a: {password hunter2, b: c}", 1, "a: {password …, b: …}"), ("a: {my key: hunter2}", 1, "a: {my key: …}"),
            ("a: {password = hunter2}", 1, "a: {password …}"), ("a: {password :hunter2}", 1, "a: {password …}"),
            ("http: {port: 7} # not http://me:hunter2@db", 1, "http: {port: 7} # not http://me:…@db"),
            ("http: {dsn: {hunter2}}", 1, "http: {dsn: {…}}"), ("http:\n  dsn:\n    hunter2: ", 3, "    …: "),
            ("http: {dsn: {hunter2: hunter3, 'hunter4': }}", 1, "http: {dsn: {…: …, …: }}"),
            ("http: {list: [{hunter2: hunter3}]}", 1, "http: {list: [{…: …}]}"),
            ("http: &x {a: hunter2}\nb: *x", 1, "http: &x {a: …}"),
            ("http:\n  port:5000", 2, "  …"), ("list: [a, b]", 1, "list: [a, …]"),
        ])
    func secrecy(text: String, line: Int, expected: String) throws {
        let shown = try report(text, at: (line, 1)).split(separator: "\n", omittingEmptySubsequences: false)[1]
            .dropFirst(2)
        #expect(!shown.contains("hunter"))
        #expect(shown == expected.replacing("[… …]", with: "[…, …]"))
    }

    @Test(
        "a line that is no YAML is shown, unless a key in or above it sounds like a secret's",
        arguments: [
            ("a: [1, 2", "a: [1, 2"), ("my_password: [hunter2", "my_password: …"),
            ("{a: 1, API-Key: 'hunter2", "{a: 1, API-Key: …"),
            ("pass\u{1}word\u{1}: @hunter2", "pass\u{FFFD}word\u{FFFD}: …"), ("dsn: @hunter2", "dsn: …"),
            ("'token' : @hunter2", "'token' : …"),
            ("password:\n  \"hunter2", "  …"), ("secret:\n  a: 1\n  b:\n    @hunter2", "    …"),
            ("token:\n- @hunter2", "…"), ("a:\n  token: \"b\n  hunter2\n  hunter3\" x", "  token: …"),
            ("token: \"b\nhunter2\nhunter3\" x", "token: …"),
            ("url: [postgresql://me:hunter2@db/orders", "url: [postgresql://me:…@db/orders"),
            ("url: [postgresql://me:hunter2/@hunter2@db/orders, x", "url: [postgresql://me:…@db/orders, x"),
            ("url: \"postgresql://me:hunter2", "url: \"postgresql://me:…"),
            ("url: [http://db:5432/orders, \"http://[::1]:80\"", "url: [http://db:5432/orders, \"http://[::1]:80\""),
            ("url: [http://db/?password=hunter2&a=b", "url: [http://db/?…"),
            ("url: [host=db password = hunter2", "url: [host=db password = …"),
            ("secret:\n\tx: hunter2", " …"), ("\tsecret:\n\t\tx: hunter2", " secret:"),
            ("a:\n  secret:\n    b: c\n    \tx: hunter2", "     …"), ("a:\n\tb: c", " b: c"),
            ("a:\n    secret:\n      b: c\n   x: hunter2", "   …"),
            ("a:\n    b:\n      c: d\n   e: f", "   e: f"), ("a: b\n   Authorization: hunter2", "   Authorization: …"),
            ("a: b\n  c: \"Bearer hunter2\"", "  c: \"…"), ("a: b\n  c: basic hunter2", "  c: …"),
            ("a: b\n  author: basic service", "  author: basic service"),
            ("a: b\ndb_passwd hunter2\nc: d", "db_passwd …"), ("[credential: 1", "[credential: …"),
            ("token:\n  a: \"turnkey-hunter2\" b", "  …"), ("token:\n  a: turnkey-hunter2: b", "  …"),
            ("password:\n  \"my-secret-hunter2\" b", "  …"), ("password: 'a\n  turnkey hunter2' b", "password: …"),
            ("{a: grpc dsn: {b: hunter2}}", "{a: grpc dsn: …"), ("{a: \"b\"dsn: {c: hunter2}}", "{a: \"b\"dsn: …"),
            ("{a: 'http://h' dsn: {b: hunter2}}", "{a: 'http://h' dsn: …"),
        ])
    func brokenLines(text: String, expected: String) throws {
        let loaded = try load([text])
        let report = ProblemReport(loaded.problems, in: loaded, secrecy: Self.secrecy).text
        #expect(report.split(separator: "\n")[1].dropFirst(2) == expected)
        #expect(!report.contains("hunter"))
    }

    @Test("a long line is cut to a window around the caret, and wide characters take their room")
    func window() throws {
        let lines = try report("http: {host: \(String(repeating: "x", count: 500)), port: y}", at: (1, 522)).split(
            separator: "\n")
        #expect(lines[1].count <= 104)
        #expect(lines[1].hasPrefix("  …xxx"))
        #expect(lines[1].dropFirst(lines[2].count - 1).first == "y")
        let wide = try report("日本: {e\u{301}: }\t", at: (1, 5)).split(separator: "\n")
        #expect(wide[2] == "        ^")
    }

    @Test("what a terminal would obey is not printed")
    func controls() throws {
        let loaded = try load(["\"\\e[2J\": 1\n\"\\e[2J\": 2\n# \u{202E}"])
        let report = ProblemReport(loaded.problems, in: loaded, secrecy: Self.secrecy)
        #expect(report.text.hasPrefix("1.yaml:2:1: \\u{1B}[2J: '\\u{1B}[2J' is already set on line 1\n"))
        #expect(report.json.contains("\"path\":\"\\u001b[2J\""))
    }

    @Test("problems are sorted by file, line and column; --set comes last, its value shown where it may be")
    func order() throws {
        let loaded = try load(["a: 1", "b: 2"], set: ["http.port=7", "http.password=hunter2", "http={port: 1, x: 2}"])
        let places: [(ConfigurationOrigin.Layer, Int, Int)] = [
            (.set(2), 0, 0), (.set(1), 0, 0), (.set(0), 0, 0), (.file(1), 1, 1), (.file(0), 2, 1), (.file(0), 1, 4),
            (.file(0), 1, 1), (.environment("PORT"), 0, 0), (.file(0), 0, 0),
        ]
        let problems = try places.map { layer, line, column in
            try problem(layer: layer, at: (line, column), path: nil)
        }
        let lines = ProblemReport(problems, in: loaded, secrecy: Self.secrecy).text.split(separator: "\n")
        #expect(
            lines.filter { !$0.hasPrefix("  ") } == [
                "environment variable PORT: m", "1.yaml: m", "1.yaml:1:1: m", "1.yaml:1:4: m", "1.yaml:2:1: m",
                "2.yaml:1:1: m", "--set http.port=7: m", "--set http.password=…: m", "--set http=…: m",
            ])
    }

    @Test(
        "a --set shows its value only where every part of it may be shown",
        arguments: [
            ("http.port=7", "7"), ("http={port: 7}", "{port: 7}"), ("http.token=", ""), ("http.token=#hunter2", "…"),
            ("http.token=*hunter2", "…"), ("http.token=&hunter2", "…"), ("http.token=[] # hunter2", "…"),
            ("http={port: 7, token: *hunter2}", "…"), ("http={port: 7, token:hunter2}", "…"),
            ("http={port: 7, token=hunter2}", "…"), ("http={port: 7, token hunter2}", "…"), ("http=x: y", "…"),
        ])
    func overrides(text: String, shown: String) throws {
        let loaded = try load([], set: [text])
        let problem = try problem(layer: .set(0), at: (0, 0), path: nil)
        let report = ProblemReport([problem], in: loaded, secrecy: Self.secrecy).text
        #expect(report == "--set \(text.prefix { $0 != "=" })=\(shown): m\n")
    }

    @Test("JSON has the members of the contract")
    func json() throws {
        let loaded = try load(["a: 1\na: 2\n"], set: ["b=\"x"])
        var problems = loaded.problems
        problems[0].suggestion = "b"
        #expect(
            ProblemReport(problems, in: loaded, secrecy: Self.secrecy).json == """
                [
                  {"file":"1.yaml","line":2,"column":1,"path":"a","code":"duplicate_key",\
                "message":"'a' is already set on line 1","suggestion":"b",\
                "related":[{"file":"1.yaml","line":1,"column":1,"message":"'a' is first set here"}]},
                  {"file":null,"line":null,"column":null,"path":"b","code":"syntax",\
                "message":"the quotation that begins here with '\\"' never ends","related":[]}
                ]

                """)
        #expect(ProblemReport([], in: loaded, secrecy: Self.secrecy).json == "[]\n")
    }

    @Test("a file that cannot be read has no line")
    func unreadable() {
        let loaded = ConfigurationLoader(environment: [:], files: FakeFiles()).load([ProfileSource(path: "no.yaml")])
        let report = ProblemReport(loaded.problems, in: loaded, secrecy: Self.secrecy)
        #expect(report.text == "no.yaml: the profile cannot be read: no such file or directory\n")
        #expect(report.json.contains("{\"file\":\"no.yaml\",\"line\":null,\"column\":null,\"path\":null,"))
    }

    @Test("what is set twice within a secret in braces is told as no more than a map")
    func duplicateSecrets() throws {
        let secret = "{hunter2, hunter2, a: {hunter3: '${NO}', hunter3: }}"
        #expect(
            try PlannedProfile("storage: {postgres: {url: 'a://h', password: \(secret)}}").lines == [
                "0.yaml:1:46 wrong_type storage.postgres.password: is a map; a secret is expected"
            ])
    }

    @Test(
        "nor does a problem below a key that nobody knows repeat what may be a secret",
        arguments: [
            "postgres: {url: 'a://h', passwort: {hunter2: '${NO}'}}", "sqlite: {password: {hunter2: '${NO}'}}",
            "postgress: {password: {hunter2: '${NO}'}}", "sqlite: {passwort: {hunter2: 1, hunter2: 2}}",
            "sqlite: {pasword: [{hunter2: '${NO}'}]}",
        ])
    func unknownSecrets(storage: String) throws {
        let lines = try PlannedProfile("storage: {\(storage)}").lines
        #expect(!lines.isEmpty && !lines.contains { $0.contains("hunter2") }, "\(lines)")
    }

    private func report(_ text: String, at position: (line: Int, column: Int)) throws -> String {
        let loaded = try load([text])
        let problem = try problem(layer: .file(0), at: position, path: "p")
        return ProblemReport([problem], in: loaded, secrecy: Self.secrecy).text
    }

    private func problem(
        layer: ConfigurationOrigin.Layer, at position: (line: Int, column: Int), path: String?
    ) throws -> ConfigurationProblem {
        var problem = try #require(try load(["a: 1\na: 2"]).problems.first)
        problem.origin.layer = layer
        (problem.origin.line, problem.origin.column) = position
        (problem.path, problem.message, problem.related) = (path, "m", [])
        return problem
    }
}
