/// What `orderd explain CODE` says.
package enum CodeExplanation {
    /// Every code with its explanation: those of profiles, then those of answers.
    package static var all: [(code: String, text: String)] {
        ConfigurationProblem.Code.allCases.map { ($0.rawValue, $0.explanation) }
            + ProblemCode.allCases.map { ($0.rawValue, "\($0.title) (status \($0.status)). \($0.explanation)") }
    }

    /// Every code, with its explanation below it.
    package static var list: String { all.map { "\($0.code)\n  \($0.text)\n" }.joined() }

    /// - Parameter code: A problem's code, or its type.
    /// - Throws: ``UnknownName`` where no problem has such a code.
    package static func text(_ code: String) throws(UnknownName) -> String {
        let code = String(code.trimmingPrefix(Problem.typePath))
        guard let found = all.first(where: { $0.code == code }) else {
            throw UnknownName(
                name: "problem \(code)", wanted: code, among: all.map(\.code), instead: "`orderd explain` lists all")
        }
        return "\(found.code)\n  \(found.text)\n"
    }

    /// A page with all codes.
    static var markdown: String {
        func rows(_ codes: [(String, String)]) -> String {
            "\n| Code | Meaning |\n|---|---|\n" + codes.map { "| `\($0.0)` | \($0.1) |\n" }.joined()
        }
        let profiles = ConfigurationProblem.Code.allCases.map { ($0.rawValue, $0.explanation) }
        let answers = ProblemCode.allCases.map { ("\($0.rawValue)", "\($0.status): \($0.explanation)") }
        return "<!-- Generated from the codes; do not edit. -->\n\n# Problems\n\n## Of profiles\n" + rows(profiles)
            + "\n## Of answers\n" + rows(answers)
    }
}
