/// One mistake in a profile, for the operator.
package struct ConfigurationProblem: Sendable, Equatable {
    @nonexhaustive
    package enum Code: String, Sendable, CaseIterable {
        case unreadableFile = "unreadable_file"
        case syntax
        case duplicateKey = "duplicate_key"
        case unknownKey = "unknown_key"
        case misplacedKey = "misplaced_key"
        case unknownPlugin = "unknown_plugin"
        case missing
        case wrongType = "wrong_type"
        case outOfRange = "out_of_range"
        case unknownChoice = "unknown_choice"
        case missingVariable = "missing_variable"
        case badSubstitution = "bad_substitution"
        case conflict
        case tooLarge = "too_large"
        case tooDeep = "too_deep"
        case tooManyNodes = "too_many_nodes"
        case checkFailed = "check_failed"

        /// Whether nothing of a profile, or of a `--set`, can be trusted that has such a problem.
        var endsLayer: Bool { [.syntax, .tooDeep, .tooManyNodes, .tooLarge, .unreadableFile].contains(self) }
    }

    /// Another place that has to do with the problem.
    package struct Related: Sendable, Equatable {
        package var origin: ConfigurationOrigin
        package var message: String
    }

    package var code: Code
    package var origin: ConfigurationOrigin
    /// Dotted path of the key or value; `nil` where there is none.
    package var path: String?
    package var message: String
    /// What would be right, alone: a key, a name, a choice.
    package var suggestion: String?
    package var related: [Related] = []
}
