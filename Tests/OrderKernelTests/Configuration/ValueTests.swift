import OrderKernel
import Testing

@Suite("Values of settings")
struct ValueTests {
    /// A configuration with one setting.
    private struct One<Value: SettingValue>: PluginConfiguration {
        let value: Value

        init(from settings: inout Settings) { value = settings.required("value", "The one.") }
    }

    private func read<V: SettingValue>(_ text: String, as type: V.Type) -> V? {
        (try? One<V>(yaml: "value: \(text)"))?.value
    }

    @Test(
        "durations are read, and written in their shortest form",
        arguments: [
            ("250ms", Duration.milliseconds(250), "250ms"), ("0s", .zero, "0s"), ("1m30s", .seconds(90), "1m30s"),
            ("90s", .seconds(90), "1m30s"), ("2h", .seconds(7_200), "2h"), ("36h", .seconds(129_600), "1d12h"),
            ("1d2h3m4s5ms6us", .microseconds(93_784_005_006), "1d2h3m4s5ms6us"), ("007s", .seconds(7), "7s"),
        ])
    func durations(text: String, value: Duration, written: String) {
        #expect(read(text, as: Duration.self) == value)
        #expect(value.settingText == written)
    }

    @Test("what is no duration is refused", arguments: ["5", "-5s", "5S", "s", "1.5s", "1s1s", "1ms1s", "5s ms", "''"])
    func noDurations(text: String) {
        #expect(read(text, as: Duration.self) == nil)
    }

    @Test(
        "sizes are read, and written in their largest unit",
        arguments: [
            ("512B", ByteCount(512), "512B"), ("64KiB", .kibibytes(64), "64KiB"), ("1MB", ByteCount(1_000_000), "1MB"),
            ("1000kB", ByteCount(1_000_000), "1MB"), ("1024MiB", .gibibytes(1), "1GiB"), ("0B", ByteCount(0), "0B"),
            ("2TiB", .gibibytes(2_048), "2TiB"),
        ])
    func sizes(text: String, value: ByteCount, written: String) {
        #expect(read(text, as: ByteCount.self) == value)
        #expect(value.settingText == written)
    }

    @Test("what is no size is refused", arguments: ["64", "64K", "1.5MiB", "-1B", "1MiB1B", "MiB", "9999999TiB9"])
    func noSizes(text: String) {
        #expect(read(text, as: ByteCount.self) == nil)
    }

    @Test(
        "numbers are read as JSON writes them",
        arguments: [("1", 1.0), ("-0.5", -0.5), ("1e3", 1_000), ("2.5E-1", 0.25)])
    func numbers(text: String, value: Double) {
        #expect(read(text, as: Double.self) == value)
    }

    @Test(
        "what is no number is refused",
        arguments: ["nan", "inf", "0x1p3", "1_0", "1e999", "'1'", "one", ".inf", "--1", "'-'"])
    func noNumbers(text: String) {
        #expect(read(text, as: Double.self) == nil)
    }

    @Test("whole numbers are read within 64 bits", arguments: [("0", 0), ("-1", -1), ("9223372036854775807", Int.max)])
    func integers(text: String, value: Int) {
        #expect(read(text, as: Int.self) == value)
    }

    @Test(
        "what is no whole number is refused",
        arguments: ["+1", "-", "01", "-01", "1.0", "1e3", "0o7", "9223372036854775808", "٣", "12:30:45"])
    func noIntegers(text: String) {
        #expect(read(text, as: Int.self) == nil)
    }

    @Test(
        "URLs are taken apart",
        arguments: [
            ("http://localhost", "http - localhost - - -"),
            ("postgresql://me:p%40ss@db.example:5432/orders?a=b&c", "postgresql me db.example 5432 /orders a=b&c"),
            ("HTTP://[::1]:4317/", "http - ::1 4317 / -"), ("s3://bucket/key?", "s3 - bucket - /key "),
            ("http://a?b/c?d", "http - a - - b/c?d"), ("x://u:@h", "x u h - - -"),
        ])
    func urls(text: String, parts: String) throws {
        let url = try ServiceURL(parsing: text)
        let path = url.path.isEmpty ? "-" : url.path
        let port = url.port.map { "\($0)" } ?? "-"
        #expect("\(url.scheme) \(url.user ?? "-") \(url.host) \(port) \(path) \(url.query ?? "-")" == parts)
        #expect(url.revealed.lowercased() == text.lowercased())
    }

    @Test("a URL's password is never printed")
    func urlPassword() throws {
        let url = try ServiceURL(parsing: "http://me:hunter2@host/")
        #expect(url.password?.revealed == "hunter2")
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!"\(url) \(String(reflecting: url)) \(dumped) \(url.settingText)".contains("hunter2"))
        #expect("\(url)" == "http://me@host/")
    }

    @Test(
        "what is no URL is refused in words that repeat nothing of it",
        arguments: [
            "localhost", "http://", "http:///path", "http://:80", "http://h:", "http://h:65536", "http://h:8a",
            "http://[::1", "http://[host]", "http://ho st", "http://h#f", "1http://h", "http://me@", "http://h/\\",
        ])
    func noURLs(text: String) {
        let error = #expect(throws: InvalidConfiguration.self) { try One<ServiceURL>(yaml: "value: '\(text)'") }
        let message = error?.problems.first?.message ?? ""
        #expect(error?.problems.map(\.code) == ["wrong_type"])
        #expect(message.hasPrefix("the value is not a URL: "))
        #expect(!message.contains(text))
    }

    @Test("a profile with very many faults is read in one go")
    func manyFaults() throws {
        let instances = (1...5_000).map { "  http/\($0): {port: \($0 % 3)}\n  unknown\($0): {a: b}\n" }.joined()
        let problems = try PlannedProfile("transport:\n" + instances).problems
        #expect(problems.filter { $0.code == .unknownPlugin }.count == 5_000)
        #expect(problems.filter { $0.code == .conflict }.count == 3_332)
    }

    @Test("a path below a home that only a shell knows is refused, with what it means")
    func home() throws {
        for (path, isFine) in [("~/o.db", false), ("./~/o.db", true), ("~o.db", true), ("a~/o.db", true)] {
            let problems = try PlannedProfile("storage: {sqlite: {path: \(path)}}").problems
            #expect(problems.isEmpty == isFine, "\(path)")
            #expect(problems.allSatisfy { $0.code == .wrongType && $0.suggestion == "${HOME}/o.db" })
            #expect(problems.allSatisfy { $0.message.contains("no shell reads `~`") })
        }
    }

    @Test("a --set that leaves a value empty is refused; a plugin, null and an empty text may be meant")
    func emptySet() throws {
        for path in ["transport.http.port", "storage.sqlite.path", "orders.wood_types", "logging.level"] {
            let problems = try PlannedProfile("", set: [path + "= "]).problems
            #expect(
                problems.map(\.code) == [.outOfRange] && problems[0].message == "is empty; null stands for the default")
        }
        let meant = ["transport.http.port=null", "transport.json_lines=", "service=", "transport.http.host=~"]
        #expect(try PlannedProfile("", set: meant).problems.isEmpty)
    }

    @Test(
        "a path that only a shell completes, or that is a folder's, is refused",
        arguments: [
            ("$HOME/o.db", "${HOME}/o.db"), ("$A_1/b/o.db", "${A_1}/b/o.db"), ("data/", nil), ("$HOME", "${HOME}"),
        ])
    func incompletePath(path: String, meant: String?) throws {
        let problems = try PlannedProfile("storage: {sqlite: {path: \(path)}}").problems
        #expect(problems.map(\.code) == (path == "$HOME" ? [] : [.wrongType]))
        #expect(problems.allSatisfy { $0.suggestion == meant })
    }

    @Test("a path with a line break is refused, as a block of YAML leaves one behind it")
    func lineBreak() throws {
        let problems = try PlannedProfile("storage:\n  sqlite:\n    path: |\n      o.db\n").problems
        #expect(problems.map(\.code) == [.wrongType] && problems[0].message.contains("it holds a line break"))
        #expect(try PlannedProfile("storage:\n  sqlite:\n    path: |-\n      o.db\n").problems.isEmpty)
    }

    @Test("what a plugin writes of a path or a size is what a profile says")
    func interpolation() {
        #expect("\(SettingPath("orders.db"))" == "orders.db")
        #expect("\(ByteCount.kibibytes(64)) \(ByteCount(1_500))" == "64KiB 1500B")
    }
}
