extension PluginConfiguration {
    /// Reads a configuration from a text, as a profile would give it below the plugin's name.
    ///
    /// For the tests of plugins. Reads no file but those that the text names by `${file:}`.
    /// - Parameter environment: Values for `${NAME}` and for settings that name a variable.
    /// - Throws: Everything that is wrong with the text.
    public init(yaml: String, environment: [String: String] = [:]) throws(InvalidConfiguration) {
        var source = ConfigurationSource(yaml, environment, describedBy: Self.descriptions())
        self.init(from: &source.settings)
        try source.requireValid()
    }

    /// What a plugin with this configuration needs for itself alone.
    /// - Throws: Everything that is wrong with the text.
    public static func exclusiveResources(
        yaml: String, environment: [String: String] = [:]
    ) throws(InvalidConfiguration) -> [ExclusiveResource] {
        var source = ConfigurationSource(yaml, environment, describedBy: descriptions())
        _ = Self(from: &source.settings)
        try source.requireValid()
        return source.settings.claims.map(\.resource)
    }
}

/// Everything that is wrong with the text of a configuration.
public struct InvalidConfiguration: Error, Sendable, CustomStringConvertible {
    /// One mistake, as `validate` reports it.
    public struct Problem: Sendable, Equatable {
        /// Stable: `unknown_key`, `out_of_range`.
        public let code: String
        /// From 1; 0 for what no text says, such as a variable of the environment.
        public let line: Int
        public let column: Int
        /// Dotted path of the key or value.
        public let path: String?
        public let message: String
        public let suggestion: String?
    }

    /// In the order of their places; not empty.
    public let problems: [Problem]

    public var description: String {
        problems.map { "\($0.line):\($0.column): \($0.path ?? "-"): \($0.message)" }.joined(separator: "\n")
    }
}

/// A text that one configuration is read from.
private struct ConfigurationSource {
    var settings: Settings
    private let problems: [ConfigurationProblem]

    init(_ yaml: String, _ environment: [String: String], describedBy descriptions: [SettingDescription]) {
        let source = ProfileSource(name: "configuration", bytes: Array(yaml.utf8))
        let loaded = ConfigurationLoader(environment: environment).load([source])
        var keys = KeyCheck(places: KeyPlaces())
        keys.check(loaded.root, against: descriptions, path: "")
        problems = loaded.problems + keys.problems
        settings = Settings(
            reading: ConfigurationSection(
                path: "", origin: loaded.root.origin, entries: loaded.root.entries, environment: environment))
    }

    func requireValid() throws(InvalidConfiguration) {
        let all = (problems + settings.problems).sorted()
        guard !all.isEmpty else { return }
        throw InvalidConfiguration(problems: all.map(InvalidConfiguration.Problem.init))
    }
}

extension InvalidConfiguration.Problem {
    fileprivate init(_ problem: ConfigurationProblem) {
        self.init(
            code: problem.code.rawValue, line: problem.origin.line, column: problem.origin.column, path: problem.path,
            message: problem.message, suggestion: problem.suggestion)
    }
}
