internal import ArgumentParser
internal import OrderKernel

/// `orderd explain`
struct ExplainCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what a problem's code means, and what to do about it.",
        discussion: """
            Example:
              \(Root.name) explain unknown_key
            """)

    @Argument(
        help: "The code, or the type, as a problem has it; without one, all are listed.",
        completion: .list(CodeExplanation.all.map(\.code)))
    var code: String?

    func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
        guard let code else { return Terminal.output(CodeExplanation.list) }
        return Terminal.answer { () throws(UnknownName) in try CodeExplanation.text(code) }
    }
}
