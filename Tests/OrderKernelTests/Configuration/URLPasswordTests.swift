import OrderKernel
import Testing

@Suite("Passwords in URLs")
struct URLPasswordTests {
    private func report(_ profile: PlannedProfile) -> ProblemReport {
        ProblemReport(profile.problems, in: profile.loaded, secrecy: profile.planner.secrecy)
    }

    @Test(
        "only they, and queries, are left out of a value",
        arguments: [
            ("http://u:hunter2@h:4317", "http://u:…@h:4317"), ("http://:hunter2@h", "http://:…@h"),
            ("http://u:h@unter2/@h/d", "http://u:…@h/d"), ("http://u:hunter2", "http://u:…"),
            ("http://u:hun ter2@h", "http://u:…@h"), ("http://u:hun[ter2@h", "http://u:…@h"),
            ("http://[::1]:80, http://h:4317/d?a@b", "http://[::1]:80, http://h:…"),
            ("https://h/?apikey=hunter2, x://h?", "https://h/?…, x://h?"), ("x://me@h:1?k=hunter2", "x://me@h:1?…"),
            ("http://u:hunter2@h/d?k=hunter3", "http://u:…@h/d?…"), ("http://u:80/hunter2?x@h/d", "http://u:…"),
            ("http://h:4317, me@h", "http://h:4317, me@h"), ("http://h1:1,h2:2/d", "http://h1:1,h2:2/d"),
            ("http://u:@h", "http://u:…@h"), ("http://u@h", "http://u@h"), ("http://", "http://"),
            ("http://u:hunter2@h 'x://v:hunter3@i', y://[::1]:7", "http://u:…@h 'x://v:…@i', y://[::1]:7"),
        ])
    func shown(text: String, expected: String) throws {
        let profile = try PlannedProfile("", set: ["service.name='\(text.replacing("'", with: "''"))'"])
        #expect(profile.lines == [])
        let name = try profile.planner.explain("service.name", in: profile.loaded).split(separator: "\n")[0]
        let shown = name.dropFirst("service.name: ".count)
        #expect(shown.trimming("\"") == expected)
        #expect(profile.planner.show(profile.loaded).contains("  name: \(shown)\n"))
    }

    @Test(
        "a problem of --set shows none, whatever the setting is",
        arguments: [
            ("transport.http.port", "'http://u:…@h' is not a whole number"),
            ("transport.http.timeout", "'http://u:…@h' is not a duration: write it like 250ms, 5s or 1m30s"),
            ("transport.http.quiet", "'http://u:…@h' is not a boolean: write true or false"),
        ])
    func overrides(setting: String, message: String) throws {
        let report = report(try PlannedProfile("", set: ["\(setting)=http://u:hunter2@h"]))
        #expect(report.text == "--set \(setting)=http://u:…@h: \(setting): \(message)\n")
        #expect(report.json.contains("\"message\":\"\(message)\""))
    }

    @Test("nor does the path of a key that holds one")
    func keys() throws {
        let report = report(
            try PlannedProfile(
                "transport: {http: {port:http://u:hunter2@h}}\nstorage: {'x://v:hunter3@i': , 'x://v:hunter3@i': }"))
        #expect(
            report.text.contains("0.yaml:1:20: transport.http.port: is no setting of transport.http; "))
        #expect(report.json.contains("\"path\":\"storage.x://v:…@i\""))
        #expect(!(report.text + report.json).contains("hunter"))
    }

    @Test("a message that is cut shows nothing of a long one")
    func long() throws {
        let password = String(repeating: "hunter2", count: 20)
        let profile = try PlannedProfile("", set: ["transport.http.port=http://u:\(password)@h"])
        #expect(profile.problems.map(\.message) == ["'http://u:…@h' is not a whole number"])
    }

    @Test("what was overridden shows none")
    func overridden() throws {
        let profile = try PlannedProfile("service: {name: 'x://u:hunter2@h'}", "service: {name: y}")
        let explanation = try profile.planner.explain("service.name", in: profile.loaded)
        #expect(explanation.contains("  overrides: x://u:…@h, from 0.yaml:1:17\n"))
    }

    @Test("a line with several is shown without any, and each caret stands under what it means")
    func excerpts() throws {
        let text = report(
            try PlannedProfile(
                "transport: {http: {port: http://u:hunter2@h, timeout: 5, names: {a: \"x://v:hunter3@i\", b: x}}}")
        ).text
        let lines = text.split(separator: "\n").map(String.init)
        let line = "  transport: {http: {port: http://u:…@h, timeout: 5, names: {a: \"x://v:…@i\", b: x}}}"
        #expect(lines.count == 12)
        for index in stride(from: 1, to: 12, by: 3) { #expect(lines[index] == line) }
        let marked = stride(from: 2, to: 12, by: 3).map { String(line.dropFirst(lines[$0].count - 1).prefix(4)) }
        #expect(marked == ["http", "5, n", "\"x:/", "x}}}"])
    }

    @Test("a variable that will not do is told without one")
    func variables() throws {
        let profile = try PlannedProfile("", environment: ["OTEL_TRACES_EXPORTER": "x://u:hunter2@h"])
        #expect(profile.plan?.warnings.first?.hasPrefix("OTEL_TRACES_EXPORTER=x://u:…@h counts as unset: ") == true)
    }
}

extension Substring {
    fileprivate func trimming(_ quote: Character) -> Substring {
        first == quote && last == quote ? dropFirst().dropLast() : self
    }
}
