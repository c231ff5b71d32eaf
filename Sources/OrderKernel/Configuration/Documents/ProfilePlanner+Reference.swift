extension ProfilePlanner {
    /// A page of the reference.
    package struct Page: Sendable, Equatable {
        /// File name, such as `storage-sqlite.md`.
        package let name: String
        /// Markdown.
        package let text: String
    }

    /// The reference in Markdown: the profile's own sections, each plugin, and the codes of problems.
    package func referencePages() -> [Page] {
        let plugins = description.plugins.map { Page(name: "\($0.kind)-\($0.name).md", text: markdown($0)) }
        return [Page(name: "profile.md", text: profileMarkdown())] + plugins
            + [Page(name: "problems.md", text: CodeExplanation.markdown)]
    }

    private func profileMarkdown() -> String {
        let sections = description.sections.map { section -> String in
            let head = "\n## `\(section.key)`\n\n\(section.summary)\n"
            if case .plugins(let plugins) = section.shape {
                let links = plugins.plugins.map { "* [`\($0.name)`](\($0.kind)-\($0.name).md): \($0.summary)\n" }
                return head + (links.isEmpty ? "" : "\n" + links.joined())
            }
            return head + table(section.nested ?? [])
        }
        return Self.generated + "# The profile\n\nEvery section may be left out.\n" + sections.joined()
    }

    private func markdown(_ plugin: PluginEntry) -> String {
        let note = plugin.stability == .stable ? "" : " Its settings may still change."
        return Self.generated
            + "# \(plugin.name)\n\nKind: \(plugin.kind), from the module `\(plugin.module)`.\(note)\n\n"
            + "\(plugin.summary)\n\n## Settings\n" + table(plugin.settings)
            + "\n## Example\n\n```yaml\n" + example(of: plugin) + "```\n"
    }

    private func table(_ settings: [SettingDescription]) -> String {
        guard !settings.isEmpty else { return "\nNone.\n" }
        let rows = settings.flatMap { $0.rows(under: "") }.map { path, setting in
            let environment =
                setting.environment.map {
                    (" \($0.isMerged ? "Besides" : "Without it"): the environment's ")
                        + "`\($0.names.joined(separator: "`, or `"))`."
                } ?? ""
            return "| `\(path)` | \(setting.typeName) | \(setting.presenceMarkdown) | "
                + (setting.summary + environment).split(separator: "|").joined(separator: "\\|") + " |\n"
        }
        return "\n| Setting | Type | Default | Meaning |\n|---|---|---|---|\n" + rows.joined()
    }

    private static let generated = "<!-- Generated from the declarations of the settings; do not edit. -->\n\n"
}

extension SettingDescription {
    fileprivate var presenceMarkdown: String {
        switch presence {
        case .required: "required"
        case .optional: "none"
        case .standard: "`\(standardText ?? "")`"
        }
    }
}
