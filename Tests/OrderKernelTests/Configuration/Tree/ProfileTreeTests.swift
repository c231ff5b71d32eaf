import OrderKernel
import Testing

@Suite("Profile tree")
struct ProfileTreeTests {
    @Test(
        "YAML becomes a tree",
        arguments: [
            ("", "{}"), ("# only a comment\n", "{}"), ("---\n", "{}"), ("\u{FEFF}a: 1\n", "{a: 1}"),
            ("a: 1\r\nb:\r\n  c: 2\r\n", "{a: 1, b: {c: 2}}"), ("a: 1\rb: 2\r", "{a: 1, b: 2}"),
            ("a: 1\u{2028}b: 2", "{a: 1, b: 2}"),
            ("a:\nb: ~\nc: null\nd: ''\ne: NULL", "{a: null, b: null, c: null, d: \"\", e: null}"),
            ("a: 'x'\nb: \"5\"\nc: 5\nd: no", "{a: \"x\", b: \"5\", c: 5, d: no}"),
            ("a: |\n  one\n  two\n", "{a: \"one\ntwo\n\"}"), ("a: >-\n  one\n  two\n", "{a: \"one two\"}"),
            ("a: one\n  two\n", "{a: one two}"), ("a: [1, {b: 2}, [3]]", "{a: [1, {b: 2}, [3]]}"),
            ("- a", "{}"), ("http/admin: {port: 1}", "{http/admin: {port: 1}}"),
            ("a: http://h:1/x?y=1#z", "{a: http://h:1/x?y=1#z}"), ("%YAML 1.1\n---\na: 1\n...\n", "{a: 1}"),
        ])
    func tree(text: String, expected: String) throws {
        #expect(try load([text]).root.line == expected)
    }

    @Test(
        "YAML's own tags are honoured",
        arguments: [
            ("!!str 5", "\"5\""), ("!!int \"5\"", "5"), ("!!float '1.5'", "1.5"), ("!!bool \"yes\"", "yes"),
            ("!!null ''", "null"), ("!!null ~", "null"), ("!!str", "\"\""), ("! 5", "\"5\""),
            ("!!map {b: 1}", "{b: 1}"), ("!!seq [1]", "[1]"), ("!<tag:yaml.org,2002:str> 5", "\"5\""),
        ])
    func tags(value: String, expected: String) throws {
        let loaded = try load(["a: \(value)"])
        #expect(loaded.root.at("a")?.line == expected)
        #expect(loaded.problems == [])
    }

    @Test(
        "other tags, and tags of another kind, are refused",
        arguments: [
            "!mine 5", "!!binary aGk=", "!!set {a}", "!!str [a]", "!!seq {a: 1}", "!!map x", "!!null 5", "!e!x 1",
        ])
    func foreignTags(value: String) throws {
        let loaded = try load(["a: \(value)"])
        #expect(loaded.problems.map(\.code) == [.syntax])
        #expect(!loaded.isComplete)
    }

    @Test(
        "aliases and merge keys are expanded",
        arguments: [
            ("a: &x 1\nb: *x", "{a: 1, b: 1}"), ("a: &x {c: 1}\nb: *x", "{a: {c: 1}, b: {c: 1}}"),
            ("a: &x {c: 1, d: 2}\nb: {<<: *x, d: 3}", "{a: {c: 1, d: 2}, b: {d: 3, c: 1}}"),
            ("a: &x {c: 1}\nb: &y {c: 2, d: 2}\ne: {<<: [*x, *y]}", "{a: {c: 1}, b: {c: 2, d: 2}, e: {c: 1, d: 2}}"),
            ("a: {<<: {b: 1}}", "{a: {b: 1}}"), ("a: {'<<': {b: 1}}", "{a: {<<: {b: 1}}}"),
            ("a: {!!merge <<: {b: 1}}", "{a: {b: 1}}"), ("a: &x 1\nb: &x 2\nc: *x", "{a: 1, b: 2, c: 2}"),
            ("&k a: 1\nb: *k\nc: {*k : 2}", "{a: 1, b: a, c: {a: 2}}"), ("a: &x\nb: *x", "{a: null, b: null}"),
        ])
    func aliases(text: String, expected: String) throws {
        let loaded = try load([text])
        #expect(loaded.problems == [])
        #expect(loaded.root.line == expected)
    }

    @Test("every key and value knows its place; columns count characters")
    func positions() throws {
        let text = "\u{FEFF}service:\r\n  näme: \"größe\"\r\n  list: [a, 'b']\r\n\r\norders:\r\n"
        let root = try load([text]).root
        #expect(root.entry("service")?.keyOrigin.place == "1.yaml:1:1")
        #expect(root.at("service")?.place == "1.yaml:2:3")
        #expect(root.at("service")?.entry("näme")?.keyOrigin.place == "1.yaml:2:3")
        #expect(root.at("service", "näme")?.place == "1.yaml:2:9")
        #expect(root.at("service", "list")?.place == "1.yaml:3:9")
        #expect(root.entry("orders")?.keyOrigin.place == "1.yaml:5:1")
    }

    @Test("an aliased value stands where it is used, what is inside where it is written")
    func aliasPosition() throws {
        let root = try load(["a: &x\n  c: 1\nb: *x\n"]).root
        #expect(root.at("b")?.place == "1.yaml:3:4")
        #expect(root.at("b", "c")?.place == "1.yaml:2:6")
    }

    @Test("a duplicate key is one problem, at the later place, and the tree goes on")
    func duplicates() throws {
        let loaded = try load(["a:\n  b: 1\n  c: 2\n  b: 3\n"])
        #expect(loaded.problems.map(\.line) == ["1.yaml:4:3: a.b: 'b' is already set on line 2"])
        #expect(loaded.problems.first?.code == .duplicateKey)
        #expect(loaded.problems.first?.related.map(\.origin.place) == ["1.yaml:2:3"])
        #expect(loaded.isComplete)
        #expect(loaded.root.line == "{a: {b: 3, c: 2}}")
    }

    @Test("a duplicate key without the space before its value is named without that")
    func duplicatesWithoutSpace() throws {
        let problem = try #require(try load(["a: {password:hunter2, password:hunter2}"]).problems.first)
        #expect(problem.line == "1.yaml:1:23: a.password: 'password' is already set on line 1")
        #expect(problem.related.map(\.message) == ["'password' is first set here"])
    }

    @Test("a key that is set three times is two problems, both naming the first place")
    func triplicates() throws {
        let loaded = try load(["b: 1\nb: 2\nb: 3\n"])
        #expect(
            loaded.problems.map(\.line) == [
                "1.yaml:2:1: b: 'b' is already set on line 1", "1.yaml:3:1: b: 'b' is already set on line 2",
            ])
    }

    @Test(
        "what is no profile is refused",
        arguments: [
            ("5", "1.yaml:1:1: a profile is made of 'key: value' lines"),
            (
                "port:5000",
                "1.yaml:1:1: a profile is made of 'key: value' lines; write a space after the colon of 'port:'"
            ),
            ("- a", "1.yaml:1:1: a profile is made of 'key: value' lines"),
        ])
    func noMap(text: String, expected: String) throws {
        let loaded = try load([text])
        #expect(loaded.problems.map(\.line) == [expected])
        #expect(!loaded.isComplete)
        #expect(loaded.root.line == "{}")
    }

    @Test("a scalar that lacks its space is recognised where a map is expected")
    func keyWithoutSpace() throws {
        let root = try load(["http:\n  port:5000\nurl: http://h\ntext: 'a:b'\ntime: 12:30\n"]).root
        #expect(root.at("http")?.keyWithoutSpace?.key == "port")
        #expect(root.at("url")?.keyWithoutSpace?.key == nil)
        #expect(root.at("text")?.keyWithoutSpace?.key == nil)
        #expect(root.at("time")?.keyWithoutSpace?.key == nil)
    }
}
