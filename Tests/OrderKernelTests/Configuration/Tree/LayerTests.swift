import OrderKernel
import Testing

@Suite("Layers")
struct LayerTests {
    @Test(
        "maps merge, lists and scalars replace",
        arguments: [
            (["a: 1", "b: 2"], "{a: 1, b: 2}"), (["a: 1", "a: 2"], "{a: 2}"),
            (["a: {b: 1, c: 2}", "a: {c: 3, d: 4}"], "{a: {b: 1, c: 3, d: 4}}"),
            (["a: [1, 2]", "a: [3]"], "{a: [3]}"), (["a: {b: 1}", "a: false"], "{a: false}"),
            (["a: false", "a: {b: 1}"], "{a: {b: 1}}"), (["a: {b: 1}", "a:"], "{a: null}"),
            (["a: {b: 1}", "a:", "a: {c: 2}"], "{a: {b: 1, c: 2}}"), (["a: 1", ""], "{a: 1}"),
        ])
    func merging(profiles: [String], expected: String) throws {
        #expect(try load(profiles).root.line == expected)
    }

    @Test(
        "--set stands above all files, in its order",
        arguments: [
            (["a.b=2"], "{a: {b: 2, c: x}}"), (["a.b=2", "a.b=3"], "{a: {b: 3, c: x}}"),
            (["a.b="], "{a: {b: null, c: x}}"), (["a.b= ~ "], "{a: {b: null, c: x}}"),
            (["a=[1, {x: y}]"], "{a: [1, {x: y}]}"),
            (["a={b: 5, d: 6}"], "{a: {b: 5, c: x, d: 6}}"), (["a.b='7'"], "{a: {b: \"7\", c: x}}"),
            (["transport.http/admin.port=1"], "{a: {b: 1, c: x}, transport: {http/admin: {port: 1}}}"),
            (["a.b=x=y"], "{a: {b: x=y, c: x}}"), (["a.b=!!str 7"], "{a: {b: \"7\", c: x}}"),
            (["a.b=http://h:1"], "{a: {b: http://h:1, c: x}}"), (["a..b=1"], "{a: {b: 1, c: x, : {b: 1}}}"),
        ])
    func overrides(overrides: [String], expected: String) throws {
        let loaded = try load(["a: {b: 1, c: x}"], set: overrides)
        #expect(loaded.problems == [])
        #expect(loaded.root.line == expected)
    }

    @Test(
        "a --set without a key and '=' is a mistake of the command line, which does not repeat it",
        arguments: ["hunter2", "", "=", "=hunter2"])
    func noOverride(text: String) {
        let error = #expect(throws: SettingOverrideError.self) { try SettingOverride(text) }
        #expect(error?.description == "--set takes key=value, such as transport.http.port=8080")
    }

    @Test(
        "a --set whose value is no YAML is a problem of the profile",
        arguments: [
            "a.b=[1", "a.b=!mine x", "a.b=\"x", "a.b='x': 1",
        ])
    func badOverride(text: String) throws {
        let problems = try load([], set: [text]).problems
        #expect(problems.map(\.code) == [.syntax])
        #expect(problems.map(\.path) == ["a.b"])
        #expect(problems.map(\.origin.place) == ["--set 0"])
    }

    @Test(
        "a text after --set is taken as it stands",
        arguments: [
            "/srv/job #7/orders.db", ":memory:", "x: y", "#5", "a:", "-", "12:30", "50%", "- x", "@x", "%x", "*x", "|",
            "&abc def", "&abc", "--- x", "a\nb\n\nc", "true", "5",
        ])
    func plainOverride(text: String) throws {
        let loaded = try load([], set: ["a.b= \(text) "])
        #expect(loaded.problems.isEmpty)
        let node = try #require(loaded.root.at("a", "b"))
        guard case .scalar(let scalar) = node.content else {
            Issue.record("\(node.content)")
            return
        }
        #expect(scalar.text == text)
        #expect(scalar.isPlain)
    }

    @Test("a value knows what it overrode, highest first")
    func overridden() throws {
        let node = try #require(try load(["a: 1", "a: 2", "a: 3"], set: ["a=4"]).root.at("a"))
        #expect(node.place == "--set 0")
        #expect(node.overridden.map(\.line) == ["3", "2", "1"])
        #expect(node.overridden.map(\.place) == ["3.yaml:1:4", "2.yaml:1:4", "1.yaml:1:4"])
        #expect(node.overridden.allSatisfy { $0.overridden.isEmpty })
    }

    @Test("a null stays visible over what it resets")
    func null() throws {
        let node = try #require(try load(["a: 1", "a: null"]).root.at("a"))
        #expect(node.line == "null")
        #expect(node.overridden.map(\.line) == ["1"])
    }

    @Test("to a section null says nothing, to a setting it is the way back to the default")
    func sectionAndSetting() throws {
        let ended = try #require(try load(["a: {b: 1}", "a:"]).root.at("a"))
        #expect(ended.asSection.line == "{b: 1}")
        #expect(ended.line == "null")
        let resumed = try #require(try load(["a: {b: 1}", "a:", "a: {c: 2}"]).root.at("a"))
        #expect(resumed.asSection.line == "{b: 1, c: 2}")
        #expect(resumed.asMapValue.line == "{c: 2}")
        let again = try #require(try load(["a: {b: 1}", "a:", "a: {c: 2}", "a:"]).root.at("a"))
        #expect(again.asSection.line == "{b: 1, c: 2}")
        let removed = try #require(try load(["a: {b: 1}", "a: false", "a:"]).root.at("a"))
        #expect(removed.asSection.line == "null")
        #expect(removed.overridden.map(\.line) == ["false", "{b: 1}"])
    }

    @Test("a key that several layers say knows each of its places")
    func keyOrigins() throws {
        let entry = try #require(try load(["x: 1", "\nx: 2", "\n\nx: 3"]).root.entry("x"))
        #expect(entry.keyOrigin.place == "3.yaml:3:1")
        #expect(entry.lowerKeyOrigins.map(\.place) == ["2.yaml:2:1", "1.yaml:1:1"])
    }

    @Test("every file is read, though one is broken")
    func allFilesAreTried() throws {
        let loader = ConfigurationLoader(environment: [:], files: FakeFiles())
        let missing = ProfileSource(path: "missing.yaml")
        let loaded = loader.load([missing] + sources(["a: [", "b: 1\nb: 2", "c: ${NONE}"]))
        #expect(loaded.problems.map(\.code) == [.unreadableFile, .syntax, .duplicateKey, .missingVariable])
        #expect(loaded.problems[0].message == "the profile cannot be read: no such file or directory")
        #expect(!loaded.isComplete)
    }

    @Test("a --set that is cut within the name of an instance is told what to write")
    func dottedInstance() throws {
        let profile = try PlannedProfile("transport: {http/a.b: {port: 1}}", set: ["transport.http/a.b.port=2"])
        #expect(
            profile.lines == [
                "--set 0 unknown_key transport.http/a.b: is no setting of transport.http/a; "
                    + "a name with dots stands in braces: --set 'transport={http/a.b: {…}}'"
            ])
        let braces = try PlannedProfile(
            "transport: {http/a.b: {port: 1}}", set: ["transport={http/a.b: {port: 2}}"])
        #expect(braces.lines == [])
        let misspelt = try PlannedProfile("transport: {http/a: {}}", set: ["transport.http/a.prot={a: 2}"])
        #expect(misspelt.lines.first?.contains("did you mean 'port'?") == true)
    }
}
