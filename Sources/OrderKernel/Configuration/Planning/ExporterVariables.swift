/// OpenTelemetry's variables that name exporters, without the names that this binary lacks: those count as not said,
/// and are told in a warning. A variable with no other name is as good as unset.
struct ExporterVariables: Sendable {
    static let names = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"]

    /// The whole environment, with what counts of these variables.
    private(set) var environment: [String: String]
    private(set) var warnings: [VariableWarning] = []

    /// - Parameter exporters: Those of the binary.
    init(_ environment: [String: String], exporters: [String]) {
        self.environment = environment
        let known = exporters + ["none"]
        for name in Self.names {
            let words = Self.words(environment[name, default: ""])
            let unknown = words.filter { !known.contains($0) }
            for word in unknown {
                let suggestion = DidYouMean.closest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
                let problem = "is no exporter of this program, which has \(known.joined(separator: ", "))\(suggestion)"
                warnings.append(VariableWarning(name: name, text: word, problem: problem))
            }
            guard !unknown.isEmpty else { continue }
            let rest = words.filter { known.contains($0) }
            self.environment[name] = rest.isEmpty ? nil : rest.joined(separator: ",")
        }
    }

    /// The names in a list with commas, in lower case.
    static func words(_ text: String) -> [String] {
        text.lowercased().split(separator: ",").map { String($0.filter { $0 != " " && $0 != "\t" }) }
            .filter { !$0.isEmpty }
    }
}
