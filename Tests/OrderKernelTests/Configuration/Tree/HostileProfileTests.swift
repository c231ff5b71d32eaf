import OrderKernel
import OrderKernelTesting
import Testing

@Suite("Hostile profiles")
struct HostileProfileTests {
    @Test("billion laughs, recursion and depth are refused at once")
    func bombs() throws {
        let laughs = (1..<12).reduce("a0: &a0 [x]\n") { text, level in
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            return text + "a\(level): &a\(level) [\(aliases)]\n"
        }
        let nested = (1..<80).reduce("a0: &a0 [x]\n") { $0 + "a\($1): &a\($1) [*a\($1 - 1)]\n" }
        let flat = "a: [" + String(repeating: "1,", count: 100_001) + "]"
        try expect(laughs, .tooManyNodes)
        try expect(flat, .tooManyNodes)
        try expect(nested, .tooDeep)
        try expect(String(repeating: "[", count: 1_000), .tooDeep)
        try expect("a: " + String(repeating: "- ", count: 1_000), .syntax)
        try expect(String(repeating: "- ", count: 1_000), .tooDeep)
        try expect("a: &a {b: [*a]}", .syntax)
        try expect("a: " + String(repeating: "x", count: 1 << 20), .tooLarge)
    }

    @Test("nesting of 64 is allowed, of 65 not")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            "a: " + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(try load([nested(63)]).problems == [])
        try expect(nested(64), .tooDeep)
    }

    @Test(
        "a long run of anything is read or refused",
        arguments: [
            "[", "{", "- ", "? ", "a: ", "\"", "'", "&a ", "*a ", "!", "!!str ", "|\n", "#", "\n", "\t", "\r", "%",
            "a\n", "a: 1\n",
            "${A}", "${", "- ${A:?}\n", "a:b\n", "é", "\u{2028}", ", ", "---\n", "...\n", "- - a\n", "? a\n",
            "<<: {}\n",
            "{a: {a: 1, a: 1}, a: 1},",
        ])
    func longRun(piece: String) throws {
        for prefix in ["", "a: ", "a: \"", "a: [", "a: |\n "] {
            let count = ((1 << 15) - prefix.utf8.count) / piece.utf8.count
            let loaded = try load([prefix + String(repeating: piece, count: count)])
            try expectValidPlaces(loaded)
        }
    }

    @Test("random bytes never crash the reader, and every problem has a place")
    func randomBytes() throws {
        var random = SeededNumbers(seed: 20_251_108)
        let alphabet = Array("ab:: - \n\n  \t[]{},&*!|>'\"%@`#?~<$.0é".utf8) + [0, 0xFF, 0xC3, 0x0D]
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            try expectValidPlaces(load(bytes))
        }
    }

    @Test("a profile with a few bytes changed never crashes the reader, and every problem has a place")
    func mutations() throws {
        var random = SeededNumbers(seed: 7)
        let whole = Array(
            """
            service: {name: order, shutdown_grace: 25s}
            storage:
              postgres: &p
                url: ${DATABASE_URL:-postgresql://h/o}
            transport:
              http/admin:
                <<: *p
                port: "5000"   # äöü
            middleware:
              - rate_limit: {per_second: !!int "500"}
              - |
                text
            """.utf8)
        for _ in 0..<3_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = whole[Int.random(in: 0..<whole.count, using: &random)]
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            try expectValidPlaces(load(bytes))
        }
    }

    @Test("what ends the reading is told wherever it stands, without what may be a secret in braces")
    func hiddenPlaces() throws {
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        let flat = "[" + String(repeating: "1,", count: 100_001) + "]"
        for (text, path) in [
            ("servise: &s [*s]", "servise"), ("zz: \(deep)", "zz"), ("zz: \(flat)", "zz"),
            ("service: {zz: \(deep)}", "service.zz"), ("transport: {htp: {hunter2: \(deep)}}", "transport.htp"),
            ("storage: {postgres: {password: {hunter2: \(deep)}}}", "storage.postgres.password"),
        ] {
            let profile = try PlannedProfile(text)
            #expect(profile.plan == nil)
            #expect(profile.problems.compactMap(\.path) == [path])
        }
        let set = try PlannedProfile("", set: ["zz=\(deep)"])
        #expect(set.plan == nil && set.problems.map(\.code) == [.tooDeep])
    }

    @Test("of very many unknown keys some are told, and that there are more")
    func unknownKeys() throws {
        let text = (0..<40_000).map { "key\($0): 1\n" }.joined()
        let problems = try PlannedProfile(text).problems.filter { $0.code == .unknownKey }
        #expect((5_000..<40_000).contains(problems.count))
        #expect(problems.count { $0.message.hasSuffix("; what else may be wrong with keys is not told") } == 1)
    }

    @Test("a long key is refused, as each problem below would repeat it")
    func longKey() throws {
        for (length, codes) in [(1_019, [.wrongType]), (1_020, [.syntax])] as [(Int, [ConfigurationProblem.Code])] {
            let name = "http/" + String(repeating: "n", count: length)
            let problems = try PlannedProfile("transport:\n  ? \(name)\n  : {port: x}").problems
            #expect(problems.map(\.code) == codes)
        }
    }

    private func load(_ bytes: [UInt8]) -> LoadedConfiguration {
        ConfigurationLoader(environment: [:], files: FakeFiles()).load([ProfileSource(name: "1.yaml", bytes: bytes)])
    }

    private func load(_ profiles: [String]) throws -> LoadedConfiguration { load(Array(profiles.joined().utf8)) }

    private func expect(_ text: String, _ code: ConfigurationProblem.Code) throws {
        let loaded = try load([text])
        #expect(loaded.problems.map(\.code) == [code])
        #expect(!loaded.isComplete)
        try expectValidPlaces(loaded)
    }

    /// Every problem stands inside the text, and can be shown.
    private func expectValidPlaces(_ loaded: LoadedConfiguration) throws {
        let text = try #require(loaded.texts.first).bytes
        let isMarked = text.starts(with: [0xEF, 0xBB, 0xBF])
        let lines = String(decoding: text.dropFirst(isMarked ? 3 : 0), as: UTF8.self).lines
        for origin in loaded.problems.map(\.origin) where origin.line > 0 {
            try #require(lines.indices.contains(origin.line - 1))
            try #require((1...(lines[origin.line - 1] + 1)).contains(origin.column))
        }
        let secrecy = ExcerptSecrecy(isRevealable: { _ in true }, holdsNames: { _ in true }, secretKeys: [])
        let report = ProblemReport(loaded.problems, in: loaded, secrecy: secrecy).text
        #expect(report.isEmpty == loaded.problems.isEmpty)
    }
}

extension String {
    /// The length of each line, cut where libyaml cuts, in Unicode scalars.
    fileprivate var lines: [Int] {
        var lengths = [0]
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lengths.append(0)
            default: lengths[lengths.count - 1] += 1
            }
            previous = scalar
        }
        return lengths
    }
}
