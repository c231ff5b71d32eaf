import OrderKernel
import Testing

@Suite("Substitution")
struct SubstitutionTests {
    static let environment = ["HOST": "h", "EMPTY": "", "TRICK": "${HOST}: [$$", "_a1": "x"]
    static let files: [String: [UInt8]] = [
        "/line": Array("text\n".utf8), "/two": Array("a\n\n".utf8), "/crlf": Array("a\r\n".utf8), "/none": [],
        "/marked": [0xEF, 0xBB, 0xBF] + Array("text\r\n".utf8), "/binary": [0xFF],
        "/huge": [UInt8](repeating: 0x61, count: (1 << 20) + 1),
    ]

    @Test(
        "a variable, its default and a file become text",
        arguments: [
            ("${HOST}", "h"), ("a${HOST}b${HOST}", "ahbh"), ("${EMPTY}", ""), ("${EMPTY:-d}", "d"), ("${HOST:-d}", "h"),
            ("${NO:-d}", "d"), ("${NO:-}", ""), ("${NO:-a:b}", "a:b"), ("${HOST:?why}", "h"), ("${_a1}", "x"),
            ("${TRICK}", "${HOST}: [$$"), ("${file:/line}", "text"), ("${file:/two}", "a\n"), ("${file:/crlf}", "a"),
            ("${file:/none}", ""), ("${file:/marked}", "text"), ("'${HOST}'", "h"), ("\"${HOST}\"", "h"),
            ("${NO:-https://x?a=b}", "https://x?a=b"),
        ])
    func values(value: String, expected: String) throws {
        let loaded = try load(["a: \(value)"], environment: Self.environment, files: Self.files)
        let scalar = try #require(loaded.root.at("a")?.scalar)
        #expect(loaded.problems == [])
        #expect(scalar.text == expected)
        #expect(scalar.isPlain)
        #expect(!scalar.isPlaceholder)
        // A default did not come from anywhere.
        let isDefault = value.hasPrefix("${NO") || value == "${EMPTY:-d}"
        let names = value.split(separator: "${", omittingEmptySubsequences: false).count - 1
        #expect(scalar.substituted.count == (isDefault ? 0 : names))
    }

    @Test(
        "a dollar that begins nothing stays",
        arguments: [("$", "$"), ("$$", "$"), ("$${HOST}", "${HOST}"), ("$HOST", "$HOST"), ("$$$$", "$$")])
    func dollars(value: String, expected: String) throws {
        let scalar = try load(["a: '\(value)'"], environment: Self.environment).root.at("a")?.scalar
        #expect(scalar?.text == expected)
        #expect(scalar?.isPlain == false)
        #expect(scalar?.substituted == [])
    }

    @Test("keys are not substituted")
    func keys() throws {
        #expect(try load(["'${HOST}': 1"], environment: Self.environment).root.line == "{${HOST}: 1}")
    }

    @Test(
        "anything else after '${' is refused, at its place",
        arguments: [
            ("${}", 4), ("${1A}", 4), ("${A B}", 4), ("x${A", 5), ("${A:-${B}}", 4), ("${A:}", 4), ("${A-b}", 4),
            ("${file:}", 4), ("'ab${Ä}'", 7), ("\"${a.b}\"", 5), ("${:-x}", 4),
        ])
    func refused(value: String, column: Int) throws {
        let problems = try load(["a: \(value)"], environment: ["A": "", "B": ""]).problems
        #expect(problems.map(\.code) == [.badSubstitution])
        #expect(problems.map(\.origin.place) == ["1.yaml:1:\(column)"])
        #expect(problems.map(\.path) == ["a"])
    }

    @Test(
        "what other programs would have read is told as it should be",
        arguments: [
            ("${env:A}", "variable is named here; write ${A}"), ("${ENV:A}", "variable is named here; write ${A}"),
            ("'${ A }'", "variable is named here; write ${A}"),
            ("${A-hunter2}", "default is given here; write ${A:-…}"),
            ("${A:=hunter2}", "default is given here; write ${A:-…}"),
            ("${A=hunter2}", "default is given here; write ${A:-…}"),
            ("${FILE:/a}", "file is named here; write ${file:/a}"),
            ("'${ file:/a}'", "file is named here; write ${file:/a}"),
        ])
    func otherForms(value: String, message: String) throws {
        #expect(try load(["a: \(value)"]).problems.map(\.message) == ["is not how a \(message)"])
    }

    @Test("all that is missing is reported together, each at its place")
    func missing() throws {
        let text = "a: ${A}/${B:?tell me}\nb: [\"x${file:/no}\"]\nc: ${file:/binary} ${file:/huge} ${EMPTY:?}\n"
        let problems = try load([text], environment: Self.environment, files: Self.files).problems
        #expect(problems.allSatisfy { $0.code == .missingVariable })
        #expect(
            problems.map(\.line) == [
                "1.yaml:1:4: a: the environment variable A is not set; set it, or give a default: ${A:-…}",
                "1.yaml:1:9: a: the environment variable B is not set or empty: tell me",
                "1.yaml:2:7: b[0]: the file /no cannot be read: no such file or directory",
                "1.yaml:3:4: c: the file /binary cannot be read: not UTF-8 text",
                "1.yaml:3:20: c: the file /huge cannot be read: larger than 1 MiB",
                "1.yaml:3:34: c: the environment variable EMPTY is not set or empty",
            ])
    }

    @Test("only what won is resolved, also below a section that a higher layer names without a value")
    func onlyWinners() throws {
        let lower = "a: ${NO}\nb:\n  c: ${NO}\nhttp:\n  host: ${HOST}\n  port: ${NO}\n"
        let loaded = try load([lower, "a: 1\nb: false\nhttp: {port: 2}\n", "http:"], environment: Self.environment)
        #expect(loaded.problems == [])
        #expect(loaded.root.at("http")?.asSection.line == "{host: h, port: 2}")
    }

    @Test("what the caller says is unused is not resolved")
    func unused() throws {
        var loader = ConfigurationLoader(environment: [:], files: FakeFiles())
        loader.unused = { _ in ["storage.postgres"] }
        let loaded = loader.load(sources(["storage: {postgres: {url: '${NO}', n: 1}, sqlite: {path: '${NO:-x}'}}"]))
        #expect(loaded.problems == [])
        #expect(loaded.root.line == "{storage: {postgres: {url: ?${NO}, n: 1}, sqlite: {path: x}}}")
    }

    @Test("without an environment what is missing becomes a placeholder, what is wrong stays wrong")
    func withoutEnvironment() throws {
        var loader = ConfigurationLoader(environment: ["HOST": "h"], files: FakeFiles())
        loader.withoutEnvironment = true
        let loaded = loader.load(sources(["a: ${NO}\nb: ${HOST}\nc: ${file:/no}\nd: ${NO:-5}\ne: ${\n"]))
        #expect(loaded.problems.map(\.code) == [.badSubstitution])
        #expect(loaded.root.line == "{a: ?${NO}, b: h, c: ?${file:/no}, d: 5, e: ?}")
    }

    @Test("of very many that are missing the first thousand are told, and that there are more")
    func many() throws {
        let names = (1...2_000).map { "\"${W\($0)}\"" }.joined(separator: ",")
        let problems = try load(["a: [\(names)]"]).problems
        #expect(problems.count == 1_000)
        #expect(
            problems.map { $0.message.hasSuffix("what else is wrong with any '${…}' is not told") }
                == Array(repeating: false, count: 999) + [true])
        #expect(problems.last?.path == "a[999]")
    }

    @Test("what substitutions bring in has a bound")
    func bound() throws {
        let text = "a: [" + String(repeating: "'${BIG}',", count: 40) + "]"
        let loaded = try load([text], environment: ["BIG": String(repeating: "x", count: 1 << 19)])
        #expect(loaded.problems.count == 8)
        #expect(loaded.problems.allSatisfy { $0.code == .tooLarge })
    }
}

extension ConfigurationNode {
    fileprivate var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }
}
