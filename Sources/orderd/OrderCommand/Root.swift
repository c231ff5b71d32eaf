internal import ArgumentParser
internal import OrderKernel

/// The command itself: it only holds the verbs.
struct Root: ParsableCommand {
    /// What the program is called: a distribution of one's own has a name of its own.
    static let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "orderd"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Runs an order service that a YAML profile puts together.",
        discussion: """
            Example:
              \(name) run                                  SQLite, HTTP on 127.0.0.1:5000
              \(name) run --config config/batch.yaml < orders.jsonl > results.jsonl
              \(name) validate --config orderd.yaml
            """,
        version: "orderd \(orderdVersion)",
        subcommands: [
            RunCommand.self, ValidateCommand.self, ConfigCommand.self, PluginsCommand.self, StorageCommand.self,
            TelemetryCommand.self,
            ExplainCommand.self,
        ])
}

/// One verb of the command line.
protocol Verb: ParsableCommand {
    /// Does what the verb says. What it throws becomes exit code 70, with a line on stderr.
    func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus
}

extension ExitStatus {
    /// Parses the arguments and runs the verb that they name.
    static func running(_ arguments: [String], plugins: [any Plugin.Type]) async -> ExitStatus {
        do {
            var command = try Root.parseAsRoot(arguments)
            guard let verb = command as? any Verb else {
                try command.run()
                return .done
            }
            return await run(verb, plugins)
        } catch {
            return report(error, arguments)
        }
    }

    private static func run(_ verb: any Verb, _ plugins: [any Plugin.Type]) async -> ExitStatus {
        do {
            return try await verb.run(with: plugins)
        } catch {
            Terminal.error("orderd: \("\(error)".withoutPasswords)")
            return .internalError
        }
    }

    /// Help and version go to stdout, a mistake in the arguments to stderr.
    private static func report(_ error: any Error, _ arguments: [String]) -> ExitStatus {
        let message = Root.fullMessage(for: error)
        let unknown = UnknownVerb.first(in: arguments)
        guard unknown != nil || Root.exitCode(for: error) != .success else { return Terminal.output(message) }
        let text = unknown?.description ?? message + hint(for: message, in: arguments)
        Terminal.error(hidden(arguments, in: text))
        return .usage
    }

    /// What to do where a profile stands alone; else empty.
    private static func hint(for message: String, in arguments: [String]) -> String {
        let profile = arguments.first { argument in
            let isProfile = argument.hasSuffix(".yaml") || argument.hasSuffix(".yml")
            return isProfile && message.contains("Unexpected argument '\(argument)'")
        }
        return profile.map { "\n  A profile stands behind its option: --config \($0)" } ?? ""
    }

    /// A message without the values of settings among the arguments that it repeats: they may be secrets.
    private static func hidden(_ arguments: [String], in message: String) -> String {
        arguments.reduce(message) { message, argument in
            guard let sign = argument.firstIndex(of: "=") else { return message }
            return message.replacing("'\(argument)'", with: "'\(argument[...sign])…'")
        }
    }
}
