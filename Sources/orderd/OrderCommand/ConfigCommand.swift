internal import ArgumentParser
internal import OrderKernel

/// `orderd config`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows, explains, describes and begins profiles.",
        subcommands: [Show.self, Explain.self])

    /// `orderd config show`
    struct Show: Verb {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Prints the effective profile: every setting, defaults marked, secrets hidden.",
            discussion: """
                Example:
                  orderd config show --config config/batch.yaml
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try profile.withValid(for: plugins) { Terminal.output($0.planner.show($0.loaded)) }
        }
    }

    /// `orderd config explain`
    struct Explain: Verb {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Says what a setting is, what its value is, and where it came from.",
            discussion: """
                Example:
                  orderd config explain storage.sqlite.path --config config/orderd.yaml
                """)

        @Argument(help: "Dotted path of a setting: transport.http.port")
        var path: String

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try profile.withValid(for: plugins) { reading in
                do {
                    return Terminal.output(try reading.planner.explain(path, in: reading.loaded))
                } catch {
                    Terminal.error("orderd: \(error)")
                    return .usage
                }
            }
        }
    }
}
