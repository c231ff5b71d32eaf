import OrderKernel
import Testing

@Suite("A single value where a map of settings belongs")
struct SectionAdviceTests {
    @Test(
        "what the map would hold is told",
        arguments: [
            ("logging: debug", "write {level: debug}"),
            ("logging: json", "write {format: json}"),
            ("logging: ${LEVEL}", "its keys are level and format"),
            ("logging: loud", "its keys are level and format"),
            ("logging: [debug]", "its keys are level and format"),
            ("service: [a]", "its keys are name, shutdown_delay and shutdown_grace"),
            ("transport: {http: 5000}", "its keys are host, port, protocols and others"),
            ("transport: {http: {tls: a.pem}}", "its only key is certificate"),
        ])
    func advice(yaml: String, expected: String) throws {
        let problems = try PlannedProfile(yaml, environment: ["LEVEL": "debug"]).problems
        #expect(problems.map(\.code) == [.wrongType])
        #expect(problems.first?.message.hasSuffix("is expected; \(expected)") == true)
    }

    @Test("who switches a plugin on or off knows its settings")
    func switches() throws {
        for yaml in ["transport: {http: true}", "transport: {http: , json_lines: 'false'}"] {
            let problems = try PlannedProfile(yaml).problems
            #expect(problems.map(\.message) == ["is a single value; a map of settings, nothing, or false is expected"])
        }
    }
}
