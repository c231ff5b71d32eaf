internal import ArgumentParser
internal import OrderKernel

/// `orderd plugins`
struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Lists the plugins of this binary, and describes their settings.",
        discussion: """
            Example:
              \(Root.name) plugins list
            """,
        subcommands: [List.self, Show.self, Reference.self])

    /// `orderd plugins list`
    struct List: Verb {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists every plugin: kind, name, what it does, and whether that may still change.",
            discussion: """
                Example:
                  \(Root.name) plugins list --json
                """)

        @Flag(help: "Print an array of objects for programs.")
        var json = false

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            let planner = try ProfilePlanner(plugins: plugins, environment: [:])
            return Terminal.output(json ? planner.pluginListJSON() : planner.pluginList())
        }
    }

    /// `orderd plugins show`
    struct Show: Verb {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Describes a plugin's settings: types, defaults, ranges, and an example.",
            discussion: """
                Example:
                  \(Root.name) plugins show sqlite
                """)

        @Argument(help: "The plugin's name: sqlite")
        var name: String

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            let planner = try ProfilePlanner(plugins: plugins, environment: [:])
            return Terminal.answer { () throws(UnknownName) in try planner.pluginPage(name) }
        }
    }

    /// `orderd plugins reference`
    struct Reference: Verb {
        static let configuration = CommandConfiguration(
            commandName: "reference",
            abstract: "Writes the reference in Markdown: the profile, every plugin, the codes of problems.",
            discussion: """
                Example:
                  \(Root.name) plugins reference docs/reference
                """)

        @Argument(help: "The directory, which has to be there.", completion: .directory)
        var directory: String

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            let planner = try ProfilePlanner(plugins: plugins, environment: [:])
            for page in planner.referencePages() {
                let written = Terminal.write(page.text, to: "\(directory)/\(page.name)")
                guard written == .done else { return written }
            }
            return .done
        }
    }
}
