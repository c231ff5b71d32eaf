extension PluginConfiguration {
    /// Reads a configuration from a text, as a profile would give it below the plugin's name.
    ///
    /// For the tests of plugins. Reads no file but those that the text names by `${file:}`.
    /// - Parameter environment: Values for `${NAME}` and for settings that name a variable.
    /// - Throws: Everything that is wrong with the text.
    public init(yaml: String, environment: [String: String] = [:]) throws(InvalidConfiguration) {
        self = try Self.reading(yaml, environment).configuration
    }

    /// What a plugin with this configuration needs for itself alone.
    /// - Throws: Everything that is wrong with the text.
    package static func exclusiveResources(
        yaml: String, environment: [String: String] = [:]
    ) throws(InvalidConfiguration) -> [ExclusiveResource] {
        try reading(yaml, environment).settings.claims.map(\.resource)
    }

    private static func reading(
        _ yaml: String, _ environment: [String: String]
    ) throws(InvalidConfiguration) -> (configuration: Self, settings: Settings) {
        let source = ProfileSource(name: "configuration", bytes: Array(yaml.utf8))
        let loaded = ConfigurationLoader(environment: environment).load([source])
        var keys = KeyCheck(places: KeyPlaces())
        keys.check(loaded.root, against: descriptions(), path: "")
        let reading = read(
            ConfigurationSection(
                path: "", origin: loaded.root.origin, entries: loaded.root.entries, environment: environment))
        let problems = (loaded.problems + keys.problems + reading.settings.problems).sorted()
        guard problems.isEmpty else {
            throw InvalidConfiguration(problems: problems.map(InvalidConfiguration.Problem.init))
        }
        return reading
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
        /// From 1, counted in Unicode scalars; 0 for what no text says.
        public let column: Int
        /// Dotted path of the key or value.
        public let path: String?
        /// What is wrong, in a sentence for the operator.
        public let message: String
        /// What was probably meant; `nil` where nothing comes near.
        public let suggestion: String?
    }

    /// In the order of their places; not empty.
    public let problems: [Problem]

    public var description: String {
        problems.map { "\($0.line):\($0.column): \($0.path ?? "-"): \($0.message)" }.joined(separator: "\n")
    }
}

extension InvalidConfiguration.Problem {
    fileprivate init(_ problem: ConfigurationProblem) {
        self.init(
            code: problem.code.rawValue, line: problem.origin.line, column: problem.origin.column, path: problem.path,
            message: problem.message, suggestion: problem.suggestion)
    }
}
