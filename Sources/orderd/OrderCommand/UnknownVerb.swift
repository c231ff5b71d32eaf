internal import ArgumentParser
internal import OrderKernel

/// A word where a verb is expected: the argument parser would complain of whatever stands behind it.
struct UnknownVerb: CustomStringConvertible {
    let word: String
    /// `orderd`, or `orderd config`.
    let command: String
    let verbs: [String]

    /// `nil` where the arguments begin with a verb, or with an option; `help` stands before either.
    static func first(in arguments: [String]) -> UnknownVerb? {
        var subcommands = Root.configuration.subcommands
        var command = Root.name
        for word in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = subcommands.first(where: { $0.configuration.commandName == word }) else {
                return UnknownVerb(
                    word: word, command: command, verbs: subcommands.compactMap { $0.configuration.commandName })
            }
            subcommands = next.configuration.subcommands
            command += " " + word
        }
        return nil
    }

    var description: String {
        let suggestion = DidYouMean.closest(to: word, among: verbs).map { "; did you mean '\(command) \($0)'?" }
        return "Error: '\(command)' has no verb '\(word.printable)'"
            + (suggestion ?? "; it has \(verbs.joined(separator: ", "))")
            + "\n  See '\(command) --help' for more information."
    }
}
