extension PluginConfiguration {
    /// Reads a configuration from a text, as a profile would give it below the plugin's name.
    ///
    /// For the tests of plugins. Reads no file but those that the text names by `${file:}`.
    /// - Parameter environment: Values for `${NAME}` and for settings that name a variable.
    /// - Throws: Everything that is wrong with the text, or else with the declaration of the settings.
    public init(yaml: String, environment: [String: String] = [:]) throws(InvalidConfiguration) {
        self = try Self.reading(yaml, environment).configuration
    }

    /// What a plugin with this configuration needs for itself alone, in the order in which it says so.
    ///
    /// For the tests of plugins, as ``init(yaml:environment:)``.
    /// - Throws: Everything that is wrong with the text.
    public static func exclusiveResources(
        yaml: String, environment: [String: String] = [:]
    ) throws(InvalidConfiguration) -> [ExclusiveResource] {
        try reading(yaml, environment).settings.claims.map(\.resource)
    }

    private static func reading(
        _ yaml: String, _ environment: [String: String]
    ) throws(InvalidConfiguration) -> (configuration: Self, settings: Settings) {
        let source = ProfileSource(name: "configuration", bytes: Array(yaml.utf8))
        let loaded = ConfigurationLoader(environment: environment).load([source])
        let declaration = declared()
        guard declaration.mistakes.isEmpty else {
            throw InvalidConfiguration(problems: declaration.mistakes.map(InvalidConfiguration.Problem.init))
        }
        var keys = KeyCheck(places: KeyPlaces(), top: "no setting of the plugin")
        keys.check(loaded.root, against: declaration.described, path: "")
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
        /// Stable: `unknown_key`, `out_of_range`; `declaration` where no text would do.
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
        problems.map { problem in
            let place = problem.line == 0 ? "" : "\(problem.line):\(problem.column): "
            return "\(place)\(problem.path ?? "-"): \(problem.message)"
        }.joined(separator: "\n")
    }
}

extension InvalidConfiguration.Problem {
    fileprivate init(_ mistake: DeclarationMistake) {
        self.init(
            code: "declaration", line: 0, column: 0, path: mistake.path, message: mistake.message, suggestion: nil)
    }

    fileprivate init(_ problem: ConfigurationProblem) {
        self.init(
            code: problem.code.rawValue, line: problem.origin.line, column: problem.origin.column, path: problem.path,
            message: problem.message, suggestion: problem.suggestion)
    }
}
