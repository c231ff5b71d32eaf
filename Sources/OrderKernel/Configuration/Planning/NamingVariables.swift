/// OpenTelemetry's variables that list names, in lower case and without the names that this binary lacks: those count
/// as not said, and are told in a warning. A variable with no other name is as good as unset.
struct NamingVariables: Sendable {
    /// Of traces, metrics and logs, in this order.
    static let exporters = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"]
    /// Exporters that OpenTelemetry knows for metrics alone.
    private static let ofMetrics: Set = ["prometheus"]

    /// The whole environment, with what counts of these variables.
    private(set) var environment: [String: String]
    private(set) var warnings: [VariableWarning] = []

    /// - Parameter exporters: Those of the binary.
    init(_ environment: [String: String], exporters: [String]) {
        self.environment = environment
        for name in Self.exporters {
            let isOfMetrics = name == "OTEL_METRICS_EXPORTER"
            let known = exporters.filter { isOfMetrics || !Self.ofMetrics.contains($0) } + ["none"]
            keep(known, in: name) { word in
                if exporters.contains(word) { return "is an exporter of metrics alone" }
                return "is no exporter of this program, which has \(known.joined(separator: ", "))"
            }
        }
        let propagators = RecordingSettings.Propagator.allCases.map(\.rawValue)
        keep(propagators, in: "OTEL_PROPAGATORS") { _ in "must be one of \(propagators.joined(separator: ", "))" }
    }

    /// Takes the unknown names out of a variable, and the rest in lower case.
    /// - Parameter problem: What is wrong with one.
    private mutating func keep(_ known: [String], in name: String, problem: (String) -> String) {
        let words = Self.words(environment[name, default: ""])
        let rest = words.reduce(into: [String]()) { rest, word in
            if known.contains(word), !rest.contains(word) { rest.append(word) }
        }
        for word in words where !known.contains(word) {
            let suggestion = DidYouMean.closest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
            warnings.append(VariableWarning(name: name, text: word, problem: problem(word) + suggestion))
        }
        environment[name] = rest.isEmpty ? nil : rest.joined(separator: ",")
    }

    /// What a variable leaves to exporters that a profile lacks, in words for the operator: nobody exports it then, or
    /// not everybody who would.
    static func untaken(
        in environment: [String: String], by exporters: [PluginInstance], among plugins: PluginSection?
    ) -> [String] {
        // What an exporter says itself counts more than the variables, and one without the setting goes by none.
        let byVariables = exporters.filter { exporter in
            let settings = plugins?.plugin(of: exporter.name)?.settings ?? []
            return settings.contains { $0.key == "signals" } && exporter.node.child("signals") == nil
        }
        guard !byVariables.isEmpty || exporters.isEmpty else { return [] }
        return zip(Self.exporters, ["traces", "metrics", "logs"]).compactMap { variable, signal in
            let named = words(environment[variable, default: ""]).filter { $0 != "none" }
            let isTaken = exporters.contains { named.contains($0.plugin) && mayTake(signal, $0) }
            if named.isEmpty || isTaken { return nil }
            let isTakenUnasked = exporters.contains { exporter in
                !byVariables.contains { $0.name == exporter.name } && mayTake(signal, exporter)
            }
            let losers = byVariables.map(\.name).joined(separator: " and ")
            let verb = byVariables.count == 1 ? "does" : "do"
            let what = isTakenUnasked ? "\(losers) \(verb) not export \(signal)" : "nobody exports \(signal)"
            let isThere = exporters.contains { named.contains($0.plugin) }
            let others = exporters.isEmpty ? "has no exporter" : isThere ? "gives it others" : "has others"
            return "\(what): \(variable)=\(named.joined(separator: ",")), and the profile \(others)"
        }
    }

    /// Whether an exporter may take a signal, as far as the profile says.
    private static func mayTake(_ signal: String, _ exporter: PluginInstance) -> Bool {
        if let own = exporter.node.child("signals") { return own.value.elements.contains { $0.scalarText == signal } }
        return signal == "metrics" || !ofMetrics.contains(exporter.plugin)
    }

    /// The names in a list with commas, in lower case.
    static func words(_ text: String) -> [String] {
        text.lowercased().split(separator: ",").map { String($0.filter { $0 != " " && $0 != "\t" }) }
            .filter { !$0.isEmpty }
    }
}
