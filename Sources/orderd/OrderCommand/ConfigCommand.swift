internal import ArgumentParser
internal import OrderKernel

/// `orderd config`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows, explains, describes and begins profiles.",
        discussion: """
            Example:
              \(Root.name) config show
            """,
        subcommands: [Show.self, Explain.self, Schema.self, Begin.self])

    /// `orderd config show`
    struct Show: Verb {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Prints the effective profile: what is set, and every default, marked; secrets hidden.",
            discussion: """
                Example:
                  \(Root.name) config show --config config/batch.yaml
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try await profile.withPlan(for: plugins) { Terminal.output($1.planner.show($1.loaded)) }
        }
    }

    /// `orderd config explain`
    struct Explain: Verb {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Says what a setting is, what its value is, and where it came from.",
            discussion: """
                Example:
                  \(Root.name) config explain storage.sqlite.path --config config/orderd.yaml
                """)

        @Argument(help: "Dotted path of a setting: transport.http.port")
        var path: String

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try await profile.withPlan(for: plugins) { _, reading in
                Terminal.answer { () throws(UnknownName) in
                    try reading.planner.explain(path, in: reading.loaded)
                }
            }
        }
    }

    /// `orderd config schema`
    struct Schema: Verb {
        static let configuration = CommandConfiguration(
            commandName: "schema",
            abstract: "Prints the JSON Schema of profiles for the plugins of this binary.",
            discussion: """
                Example:
                  \(Root.name) config schema > orderd.schema.json
                """)

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            Terminal.output(try ProfilePlanner(plugins: plugins, environment: [:]).schema())
        }
    }

    /// `orderd config init`
    struct Begin: Verb {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Prints a commented profile to begin with.",
            discussion: """
                Example:
                  \(Root.name) config init --storage sqlite --transport http > orderd.yaml
                """)

        @Option(
            name: .customLong("storage"),
            help: "The storage that the profile picks: sqlite, or else the first that there is.")
        var storages: [String] = []

        @Option(
            name: .customLong("transport"),
            help: "A transport that the profile picks: http, or else the first that there is; may be repeated.")
        var transports: [String] = []

        @Option(name: .customLong("exporter"), help: "An exporter beside the usual one; may be repeated.")
        var exporters: [String] = []

        @Option(name: .customLong("middleware"), help: "A middleware; may be repeated, the outermost first.")
        var middleware: [String] = []

        func validate() throws {
            guard storages.count > 1 else { return }
            throw ValidationError("A profile picks one storage: --storage may not be repeated.")
        }

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            let planner = try ProfilePlanner(plugins: plugins, environment: [:])
            return Terminal.answer { () throws(UnknownName) in
                try planner.sample(
                    storage: storages.first, transports: transports, exporters: exporters, middleware: middleware)
            }
        }
    }
}
