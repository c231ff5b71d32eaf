import OrderKernel
import Testing

@Suite("Settings")
struct SettingsTests {
    private func problems(_ yaml: String, environment: [String: String] = [:]) -> [String] {
        problems(yaml, of: SampleHTTP.Configuration.self, environment: environment)
    }

    private func problems<C: PluginConfiguration>(
        _ yaml: String, of type: C.Type, environment: [String: String] = [:]
    ) -> [String] {
        do throws(InvalidConfiguration) {
            _ = try C(yaml: yaml, environment: environment)
            return []
        } catch {
            return error.problems.map { "\($0.line):\($0.column) \($0.code) \($0.path ?? "-"): \($0.message)" }
        }
    }

    @Test("settings that are not given have their defaults")
    func defaults() throws {
        let configuration = try SampleHTTP.Configuration(yaml: "")
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 5_000)
        #expect(configuration.protocols == [.http1])
        #expect(configuration.timeout == .seconds(10))
        #expect(configuration.limits.body == .mebibytes(1))
        #expect(configuration.token == nil)
        #expect(configuration.tls == nil)
        #expect(configuration.rules.isEmpty)
    }

    @Test("settings of every type are read")
    func everyType() throws {
        let configuration = try SampleHTTP.Configuration(
            yaml: """
                host: 12:30:45
                port: 0
                protocols: [http2, http1]
                mode: off
                timeout: 1s500ms
                max_body: 64KiB
                quiet: YES
                token: 0123
                tls: {certificate: a.pem}
                rules: [{match: a}, {match: b, weight: 1e-1}]
                peers: {one: {match: c}}
                names: {a: -1, b: 2, c: null}
                """)
        #expect(configuration.host == "12:30:45")
        #expect(configuration.port == 0)
        #expect(configuration.protocols == [.http2, .http1])
        #expect(configuration.mode == .off)
        #expect(configuration.timeout == .milliseconds(1_500))
        #expect(configuration.limits.body == .kibibytes(64))
        #expect(configuration.isQuiet)
        #expect(configuration.token?.revealed == "0123")
        #expect(configuration.tls?.certificate.text == "a.pem")
        #expect(configuration.rules.map(\.match) == ["a", "b"])
        #expect(configuration.rules.map(\.weight) == [0.5, 0.1])
        #expect(configuration.peers["one"]?.match == "c")
        #expect(configuration.names == ["a": -1, "b": 2])
    }

    @Test(
        "a faulty value is reported where it stands",
        arguments: [
            ("port: 70000", "1:7 out_of_range port: 70000 is outside 0...65535"),
            (
                "port: 99999999999999999999",
                "1:7 out_of_range port: 99999999999999999999 is outside 0...65535"
            ),
            ("port: five", "1:7 wrong_type port: 'five' is not a whole number"),
            ("port: 5.0", "1:7 wrong_type port: '5.0' is not a whole number"),
            ("port: 0x1F", "1:7 wrong_type port: '0x1F' is not a whole number"),
            ("port: 0123", "1:7 wrong_type port: '0123' is not a whole number"),
            ("port: 1_000", "1:7 wrong_type port: '1_000' is not a whole number"),
            (
                "port: \"80\"",
                "1:7 wrong_type port: is quoted, and so a text; a whole number is expected, without quotes"
            ),
            ("port: [80]", "1:7 wrong_type port: is a list; a whole number is expected"),
            ("host: {a: b}", "1:7 wrong_type host: is a map; text is expected"),
            ("mode: htpp1", "1:7 unknown_choice mode: must be one of http1, http2, off; did you mean 'http1'?"),
            ("quiet: 1", "1:8 wrong_type quiet: '1' is not a boolean: write true or false"),
            ("timeout: 5", "1:10 wrong_type timeout: 5 needs a unit, such as 5s"),
            ("timeout: 500", "1:10 wrong_type timeout: 500 needs a unit, such as 500ms"),
            ("timeout: 90", "1:10 wrong_type timeout: 90 needs a unit, such as 90ms"),
            (
                "token: ‹secret›",
                "1:8 wrong_type token: the value is not a secret: `config show` prints this in place of a secret"
            ),
            (
                "mode: http1\n  x",
                "1:7 unknown_choice mode: must be one of http1, http2, off; the next line goes on with "
                    + "the text, as it is indented deeper, and makes it 'http1 x'"
            ),
            (
                "mode: $MODE",
                "1:7 unknown_choice mode: must be one of http1, http2, off; a variable is written with braces: ${MODE}"
            ),
            (
                "port: $PORT",
                "1:7 wrong_type port: '$PORT' is not a whole number; "
                    + "a variable is written with braces: ${PORT}"
            ),
            (
                "timeout: “5s”",
                "1:10 wrong_type timeout: '“5s”' is not a duration: write it like 250ms, 5s or 1m30s; "
                    + "typographic quotation marks belong to the text; write \" or '"
            ),
            ("timeout: 0", "1:10 wrong_type timeout: 0 needs a unit, and to be within 1ms...1m"),
            ("timeout: 2m", "1:10 out_of_range timeout: 2m is outside 1ms...1m"),
            ("timeout: 99999999999999999999h", "1:10 out_of_range timeout: 99999999999999999999h is outside 1ms...1m"),
            (
                "timeout: 5 s",
                "1:10 wrong_type timeout: '5 s' is not a duration: did you mean 5s?"
            ),
            (
                "timeout: \"5\\ns\"",
                "1:10 wrong_type timeout: '5\ns' is not a duration: write it like 250ms, 5s or 1m30s"
            ),
            (
                "port: \(String(repeating: "x", count: 61))",
                "1:7 wrong_type port: '\(String(repeating: "x", count: 60))…' is not a whole number"
            ),
            (
                "timeout: 1s1m",
                "1:10 wrong_type timeout: '1s1m' is not a duration: its units are d, h, m, s, ms and us, in this order"
            ),
            ("timeout: 5Sec", "1:10 wrong_type timeout: '5Sec' is not a duration: did you mean 5s?"),
            ("max_body: 64 Ki", "1:11 wrong_type max_body: '64 Ki' is not a size: did you mean 64KiB?"),
            (
                "max_body: 64kbyte",
                "1:11 wrong_type max_body: '64kbyte' is not a size: its unit is one of B, KB, MB, GB, TB, "
                    + "KiB, MiB, GiB, TiB"
            ),
            ("max_body: 64", "1:11 wrong_type max_body: 64 needs a unit, such as 64KiB"),
            ("max_body: 1048576", "1:11 wrong_type max_body: 1048576 needs a unit, such as 1048576B"),
            ("protocols: []", "1:12 out_of_range protocols: is an empty list; at least one element is expected"),
            ("protocols: http1", "1:12 wrong_type protocols: is a single value; a list is expected; write [a, b]"),
            (
                "protocols: [http1, spdy]",
                "1:20 unknown_choice protocols[1]: must be one of http1, http2, off"
            ),
            ("tls: {}", "1:1 missing tls.certificate: is missing: a path is required"),
            ("tls: {certificate: ''}", "1:20 out_of_range tls.certificate: is empty; a path is expected"),
            ("rules:\n- weight: 2\n  match: a", "2:11 out_of_range rules[0].weight: 2 is outside 0...1"),
            ("names: {a: b}", "1:12 wrong_type names.a: 'b' is not a whole number"),
            (
                "tls: certificate:x",
                "1:6 wrong_type tls: is a single value; a map is expected; "
                    + "write a space after the colon of 'certificate:'"
            ),
            (
                "rules: [a]",
                "1:9 wrong_type rules[0]: is a single value; a map is expected; its keys are match and weight"
            ),
            (
                "names: {a:5}",
                "1:9 wrong_type names.a: is empty; a whole number is expected; write a space after the colon of 'a:'"
            ),
            ("{port:5}", "1:2 unknown_key port: is no setting of http; write a space after the colon of 'port:'"),
            ("{prot:5}", "1:2 unknown_key prot: is no setting of http; write a space after the colon of 'prot:'"),
            ("{port=5}", "1:2 unknown_key port: is no setting of http; write 'port: …'"),
            ("{port 5}", "1:2 unknown_key port: is no setting of http; write 'port: …'"),
            ("{port = 5}", "1:2 unknown_key port: is no setting of http; write 'port: …'"),
            ("{prot 5}", "1:2 unknown_key prot: is no setting of http; did you mean 'port'?"),
            ("{max body: }", "1:2 unknown_key max: is no setting of http; did you mean 'max_body'?"),
            (
                "p\u{43E}rt: 5",
                "1:1 unknown_key p\u{43E}rt: is no setting of http; the key holds U+043E, which is not ASCII; "
                    + "did you mean 'port'?"
            ),
            (
                "{PORT=5}",
                "1:2 unknown_key PORT: is no setting of http; "
                    + "a variable such as PORT is set in the environment, not in a profile"
            ),
            (
                "{names: {A.b=5}}",
                "1:10 wrong_type names.A.b: is empty; a whole number is expected; write 'A.b: …'"
            ),
            (
                "{names: {a=5}}",
                "1:10 wrong_type names.a: is empty; a whole number is expected; write 'a: …'"
            ),
            ("prot: 1", "1:1 unknown_key prot: is no setting of http; did you mean 'port'?"),
        ])
    func faults(yaml: String, expected: String) {
        #expect(
            problems(yaml).map { $0.replacing("no setting of the plugin", with: "no setting of http") } == [expected])
    }

    @Test("all faults are reported at once, in the order of their places")
    func allAtOnce() {
        let found = problems("port: a\nquiet: b\nnonsense: c\ntls:\n  extra: d\nmode: e")
        #expect(found.map { $0.prefix { $0 != " " } } == ["1:7", "2:8", "3:1", "4:1", "5:3", "6:7"])
    }

    @Test("a rule across settings is not asked when one of them is faulty")
    func checks() {
        #expect(
            problems("max_body: 2MiB\nmax_buffered: 1MiB") == ["1:11 check_failed max_body: is more than max_buffered"])
        #expect(problems("max_body: 65MiB") == ["1:11 check_failed max_body: is more than max_buffered"])
        #expect(
            problems("max_buffered: 1KiB") == ["1:15 check_failed max_buffered: max_body is more than max_buffered"])
        #expect(
            problems("max_body: null\nmax_buffered: 1KiB")
                == ["2:15 check_failed max_buffered: max_body is more than max_buffered"])
        #expect(problems("max_body: 65MiB\nmax_buffered: 1").count == 1)
    }

    @Test("beside an element that cannot be read, the others are judged")
    func elements() {
        struct Ports: PluginConfiguration {
            init(from settings: inout Settings) {
                let ports: [Int] = settings.list("ports", default: [], "Ports.")
                settings.check("ports", each: ports) { $0 > 0 ? nil : "is no port" }
            }
        }
        #expect(
            problems("ports: [0, x, 1, -1, \"${P}\"]", of: Ports.self, environment: ["P": "0"]) == [
                "1:9 check_failed ports[0]: '0' is no port",
                "1:12 wrong_type ports[1]: 'x' is not a whole number",
                "1:18 check_failed ports[3]: '-1' is no port",
                "1:22 check_failed ports[4]: the value of ${P} is no port",
            ])
    }

    @Test("what came out of a substitution is named, never repeated")
    func substituted() {
        let environment = ["SECRET_PORT": "hunter2", "FAR": "70000", "MODE": "hunter3", "WAIT": "7", "EMPTY": ""]
        let found = problems(
            "port: ${SECRET_PORT}\nnames: {a: \"${FAR}\", b: \"${SECRET_PORT}\"}\nmode: ${MODE}\ntimeout: ${WAIT}"
                + "\nquiet: ${EMPTY}",
            environment: environment)
        #expect(
            found == [
                "1:7 wrong_type port: the value of ${SECRET_PORT} is not a whole number",
                "2:25 wrong_type names.b: the value of ${SECRET_PORT} is not a whole number",
                "3:7 unknown_choice mode: the value of ${MODE} must be one of http1, http2, off",
                "4:10 wrong_type timeout: the value of ${WAIT} needs a unit, such as 5s",
                "5:8 wrong_type quiet: the value of ${EMPTY}, which is empty, is not a boolean: write true or false",
            ])
    }

    @Test("what a profile has for a variable that is not set is its own value")
    func substitutedDefault() {
        #expect(
            problems("port: ${NO:-x}\nmode: ${NO:-x}\ntimeout: \"${NO:-5}\"", environment: ["NO": ""]) == [
                "1:7 wrong_type port: 'x' is not a whole number",
                "2:7 unknown_choice mode: must be one of http1, http2, off",
                "3:10 wrong_type timeout: 5 needs a unit, such as 5s",
            ])
    }

    @Test("a quoted number that holds a substitution is a number")
    func quotedSubstitution() throws {
        #expect(try SampleHTTP.Configuration(yaml: "port: \"${P}\"", environment: ["P": "81"]).port == 81)
    }

    @Test("the environment variable of a setting counts where the profile says nothing")
    func environment() throws {
        #expect(try SampleHTTP.Configuration(yaml: "", environment: ["PORT": "81"]).port == 81)
        #expect(try SampleHTTP.Configuration(yaml: "port: 82", environment: ["PORT": "81"]).port == 82)
        #expect(try SampleHTTP.Configuration(yaml: "port: null", environment: ["PORT": "81"]).port == 5_000)
        #expect(try SampleHTTP.Configuration(yaml: "", environment: ["PORT": ""]).port == 5_000)
        let error = #expect(throws: InvalidConfiguration.self) {
            try OtherStorage.Configuration(yaml: "{url: null, password: x}", environment: ["DATABASE_URL": "x://y"])
        }
        #expect(
            error?.problems.map(\.message) == [
                "is missing: a URL is required; a null in the profile shuts out the environment variable DATABASE_URL"
            ])
        #expect(
            problems("", environment: ["PORT": "x"]) == [
                "0:0 wrong_type port: the value of ${PORT} is not a whole number"
            ])
    }

    @Test("what an instance needs for itself is known")
    func resources() throws {
        #expect(try SampleHTTP.Configuration.exclusiveResources(yaml: "port: 1") == [.port(1, host: "127.0.0.1")])
    }

    @Test("settings are the same whatever the answers, unless the initialiser branches on one")
    func branches() {
        struct Branching: PluginConfiguration {
            init(from settings: inout Settings) {
                let isOn = settings.value("on", default: true, "Whether it is on.")
                if isOn { _ = settings.value("more", default: 1, "Only then.") as Int }
            }
        }
        let described = SettingAnswers.allCases.map { SampleHTTP.Configuration.describedSettings(answering: $0) }
        #expect(described[0] == described[1])
        #expect(described[0].contains("port: whole number, 0...65535, default 5000, PORT, TCP port."))
        #expect(described[0].contains("tls.certificate: path, required, no variable, File with the certificate."))
        let branching = SettingAnswers.allCases.map { Branching.describedSettings(answering: $0) }
        #expect(branching[0] != branching[1])
    }
}
