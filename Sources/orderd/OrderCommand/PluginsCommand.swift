internal import ArgumentParser
internal import OrderKernel

/// `orderd plugins`
struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Lists the plugins of this binary, and describes their settings.",
        subcommands: [])
}
