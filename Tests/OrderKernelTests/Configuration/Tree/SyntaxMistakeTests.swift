import OrderKernel
import Testing

@Suite("Syntax mistakes")
struct SyntaxMistakeTests {
    @Test(
        "a missing space after a colon is named, where it is missing",
        arguments: [
            ("port:5000\nhost: x", "1:1", "port"), ("a:\n  port:5000\n  host: x", "2:3", "port"),
            ("a:\n  host: x\n  port:5000\n  z: 1", "3:3", "port"), ("a:\n  host: x\n  port:5000\n", "3:3", "port"),
            ("a:\n  - port:5000\n    host: x", "2:5", "port"), ("port:5000\n# more\n\nhost: x", "1:1", "port"),
            ("a:\u{A0}1\nb: 2", "1:1", "a"),
            ("a: {ready:[shipped]}", "1:5", "ready"),
        ])
    func missingSpace(text: String, place: String, key: String) throws {
        try expect(text, place, "write a space after the colon of '\(key):'")
    }

    @Test(
        "indentation is explained in words",
        arguments: [
            ("a:\n\tb: 1", "2:1", "a tab cannot indent in YAML; use spaces"),
            ("a:\n  b: 1\n\tc: 2", "3:1", "a tab cannot indent in YAML; use spaces"),
            ("\ta: 1", "1:1", "a tab cannot indent in YAML; use spaces"),
            ("a: |\n\tx", "2:1", "a tab cannot indent in YAML; use spaces"),
            ("a: 1\n  b: 2", "2:3", "indented below a key that has its value already; align it with line 1"),
            ("a:\n  b: 1\n c: 2", "3:2", "the indentation fits no key above; align it with its neighbours"),
            ("a:\n  b:\n    c: 1\n   d: 2", "4:4", "the indentation fits no key above; align it with its neighbours"),
            ("a:\n  - b\n  c: 1", "3:3", "the indentation fits no list item above; align it with its neighbours"),
            ("a: 1\n- b", "2:1", "a list item among keys; indent it below its key, or drop the '-'"),
            (
                "a: - b", "1:4",
                "a list item needs a line of its own below its key; a text that begins with '-' needs quotes"
            ),
        ])
    func indentation(text: String, place: String, message: String) throws {
        try expect(text, place, message)
    }

    @Test(
        "what is never closed is reported where it begins",
        arguments: [
            ("a: \"x\nb: 1\n", "1:4", "the quotation that begins here with '\"' never ends"),
            ("a:\n  b: 'x\n\nc: 1", "2:6", "the quotation that begins here with ''' never ends"),
            ("a: \"x\n---\n", "1:4", "the quotation that begins here with '\"' never ends"),
            ("a: [1, 2\nb: 3", "1:4", "the '[' here is never closed by a ']'"),
            ("a: [1, 2", "1:4", "the '[' here is never closed by a ']'"),
            ("a: {x: 1\nb: 3", "1:4", "the '{' here is never closed by a '}'"),
            ("a:\n  b: {x: 1,\n    y: 2\nb: 3", "2:6", "the '{' here is never closed by a '}'"),
            ("{a: 1", "1:1", "the '{' here is never closed by a '}'"),
            ("a: [", "1:4", "the '[' here is never closed by a ']'"),
            ("a:\n  b: [oak,\n", "2:6", "the '[' here is never closed by a ']'"),
            ("a: {", "1:4", "the '{' here is never closed by a '}'"),
            ("a: {b: &x [1, # more\n\n", "1:11", "the '[' here is never closed by a ']'"),
        ])
    func unclosed(text: String, place: String, message: String) throws {
        try expect(text, place, message)
    }

    private static let colon = "a value that holds ': ', or ends with ':', needs quotes"
    private static let template = "'{{' begins a template that nothing has filled in; a profile is taken as it is"
    private static let quotation = "the quotation that begins here goes on to line"

    @Test(
        "brackets and what follows a value",
        arguments: [
            ("a: [1, 2}", "1:9", "a ',' or ']' is missing before this"),
            ("a: {\"b\": 1 c: 2}", "1:13", "a ',' or '}' is missing before this"),
            ("a: \"x\" y", "1:8", "nothing but a comment can follow the closing '\"'"),
            ("a: [1] y", "1:8", "nothing but a comment can follow the closing ']'"),
            ("a: {b: c} d", "1:11", "nothing but a comment can follow the closing '}'"),
            ("\"a\" b", "1:5", "nothing but a comment can follow the closing '\"'"),
            (
                "a: 'it's'", "1:8",
                "nothing but a comment can follow the closing '''; a ' inside single quotes is written twice"
            ),
            ("a: {b: ${X}}", "1:8", "a '${…}' inside brackets needs quotes"),
            ("a: [${X:-1}, b]", "1:5", "a '${…}' inside brackets needs quotes"),
            ("a: {b: {c: 1}, d: x${X}}", "1:20", "a '${…}' inside brackets needs quotes"),
            ("  a: 1\nb: 2", "2:1", "line 1 is indented deeper than this; align the two"),
            ("a: 1\n// b\nc: 2", "2:1", "a comment begins with '#'"), ("; a\nb: 1", "1:1", "a comment begins with '#'"),
            (
                "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "2:1",
                "two versions of the file were merged here in vain: keep one of them"
            ),
            ("a: \"\\ud83d\"", "1:7", "the escape names no character; write it itself, or '\\U' and eight digits"),
            ("a: {host: ::1}", "1:11", "a value is missing before ':'; a text that begins with it needs quotes"),
            ("a: [,]", "1:5", "a value is missing before ','"), ("a: ]", "1:4", "a value is missing before ']'"),
            ("a: {é:[b]}", "1:5", "a text that holds ':' needs quotes here"),
            ("a: b: c", "1:5", "\(colon); a key needs a line of its own, below the one that it belongs to"),
            ("a: http:\n  b: c", "1:8", "\(colon); a key needs a line of its own, below the one that it belongs to"),
            ("a: :b:", "1:6", colon), ("a: b c: d", "1:7", colon),
            ("port 5000\nhost: x", "1:1", "the ': ' of 'key: value' is missing here"),
            ("a:\n  - oak\n  -maple\nb: 1", "3:3", "write a space after the '-'"),
            ("a:\n- oak\n\n-maple\n- ash", "4:1", "write a space after the '-'"),
            ("a:\n  b:\n  -oak\n  -elm\n", "3:3", "write a space after the '-'"),
            ("a:\n  - b: 1\n    c: 2\n  -b: 3\n", "4:3", "write a space after the '-'"),
            ("a: 1\n-maple\nb: 2", "2:1", "the ': ' of 'key: value' is missing here"),
            ("a: 1\nport\nb: 2", "2:1", "the ': ' of 'key: value' is missing here"),
            ("a: 1\nPORT=5000", "2:1", "a variable such as PORT is set in the environment, not in a profile"),
            ("service.name=x\na: b", "1:1", "write 'service: {name: …}'"),
            (": x", "1:1", "a key is missing before the ':'"),
            ("? [a]\n: b", "1:3", "a key is a text, not a list or a map"),
            ("{ {a: 1}: b}", "1:3", "a key is a text, not a list or a map"),
            ("{{- if .Values.x }}\na: b", "1:1", template), ("a: b\nc: {{ d }}", "2:4", "c: \(template)"),
            (
                "a: 'b\nc: 'd'", "1:4",
                "\(quotation) 2, where other text follows it: its closing ''' is probably missing"
            ),
            (
                "a: \"b\n\nc: {\"d\": 1}", "1:4",
                "\(quotation) 3, where other text follows it: its closing '\"' is probably missing"
            ),
        ])
    func brackets(text: String, place: String, message: String) throws {
        try expect(text, place, message)
    }

    @Test(
        "a text that YAML takes for something else needs quotes",
        arguments: [
            ("a: %x", "1:4", "'%'"), ("a: @x", "1:4", "'@'"), ("a: `x", "1:4", "'`'"), ("a: *.log", "1:4", "'*'"),
            ("a: & b", "1:4", "'&'"), ("a: |foo", "1:4", "'|'"), ("a: > 5", "1:4", "'>'"), ("a: ? b", "1:4", "'?'"),
            ("%x: 1", "1:1", "'%'"), ("a: !foo!x y", "1:4", "'!'"), ("a: !<x y", "1:4", "'!'"),
        ])
    func quotes(text: String, place: String, character: String) throws {
        try expect(text, place, "a text that begins with \(character) needs quotes")
    }

    @Test(
        "documents, aliases and merges that make no profile",
        arguments: [
            ("a: 1\n---\nb: 1", "2:1", "a second document begins here; a profile is one document"),
            ("a: 1\n...\nb: 1", "3:1", "the profile has ended above; nothing can follow"),
            ("a: *x", "1:4", "no value above has this anchor; a text that begins with '*' needs quotes"),
            ("a: &x [*x]", "1:8", "the alias stands inside the value that it names"),
            ("a: &x\nb: &y", "1:4", "a text that begins with '&' needs quotes"),
            (
                "a: !x", "1:4",
                "this tag has no meaning here; !!str, !!int, !!float, !!bool and !!null do, "
                    + "and a text that begins with '!' needs quotes"
            ),
            ("a: {<<: 5}", "1:9", "'<<' takes a map or a list of maps"),
            ("a: {<<: [{b: 1}, 5]}", "1:9", "'<<' takes a map or a list of maps"),
            ("%YAML 2.0\n---\na: 1", "1:1", "a profile is YAML 1.1 or 1.2; leave the '%YAML' line out"),
        ])
    func documents(text: String, place: String, message: String) throws {
        let problems = try load([text]).problems
        #expect(problems.map(\.origin.place) == ["1.yaml:\(place)"])
        #expect(problems.map(\.message) == [message])
        #expect(problems.map(\.code) == [.syntax])
    }

    @Test(
        "bytes that are no text have a place too",
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4", "a byte that is no UTF-8; save the file in UTF-8"),
            (Array("a: 1\nö: ".utf8) + [0xC3], "2:4", "a byte that is no UTF-8; save the file in UTF-8"),
            (Array("a: 1\nb: \u{1B}[2J".utf8), "2:4", "the character U+001B cannot stand in a profile"),
            ([0], "1:1", "the character U+0000 cannot stand in a profile"),
            ([0xFF, 0xFE, 0x61, 0], "1:1", "the file is in UTF-16; save it in UTF-8"),
            ([0x61, 0, 0x3A, 0], "1:2", "the file is in UTF-16; save it in UTF-8"),
            ([0, 0x61, 0, 0x3A], "1:1", "the file is in UTF-16; save it in UTF-8"),
            ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "1:1", "the file is in UTF-32; save it in UTF-8"),
            (Array("\u{FEFF}a: 1\nb: \u{7}".utf8), "2:4", "the character U+0007 cannot stand in a profile"),
        ] as [([UInt8], String, String)])
    func bytes(bytes: [UInt8], place: String, message: String) {
        let loader = ConfigurationLoader(environment: [:], files: FakeFiles())
        let problems = loader.load([ProfileSource(name: "1.yaml", bytes: bytes)]).problems
        #expect(problems.map(\.line) == ["1.yaml:\(place): \(message)"])
    }

    private func expect(_ text: String, _ place: String, _ message: String) throws {
        let loaded = try load([text])
        #expect(loaded.problems.map(\.line) == ["1.yaml:\(place): \(message)"])
        #expect(loaded.problems.map(\.code) == [.syntax])
        #expect(!loaded.isComplete)
    }
}
