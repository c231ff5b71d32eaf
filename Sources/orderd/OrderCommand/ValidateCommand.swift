internal import ArgumentParser
internal import OrderKernel

/// `orderd validate`
struct ValidateCommand: Verb {
    /// How problems are shown.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Says all that is wrong with a profile; opens nothing but profiles and the files they name.",
        discussion: """
            Example:
              \(Root.name) validate --config config/orderd.yaml
              \(Root.name) validate --config config/order.yaml --without-environment --format json
            """)

    @OptionGroup var profile: ProfileOptions

    @Option(help: "How to show what is wrong: text, with the lines of the profile, or json.")
    var format = Format.text

    @Flag(help: "Accept that every ${NAME} and ${file:…} is missing here, and what a variable could give.")
    var withoutEnvironment = false

    func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
        let reading = try profile.read(for: plugins, withoutEnvironment: withoutEnvironment)
        reading.plan?.tellWarnings()
        let isValid = reading.problems.isEmpty
        let text =
            switch format {
            case .json: reading.report.json
            case .text: isValid ? "\(reading.name.printable): valid" : reading.report.text
            }
        let written = Terminal.output(text)
        return isValid ? written : .configuration
    }
}
