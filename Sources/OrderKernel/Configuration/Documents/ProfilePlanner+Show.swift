extension ProfilePlanner {
    /// The effective profile as YAML: every setting that has a value, defaults marked.
    ///
    /// It is a valid profile itself, but for secrets, which are `‹secret›`, and passwords in URLs, which are left out
    /// or `…`.
    /// - Parameter loaded: A configuration without problems.
    package func show(_ loaded: LoadedConfiguration) -> String {
        let root = StandardProfile.completed(loaded.root, description)
        var writer = EffectiveWriter(
            environment: heeded(in: loaded).environment, replaced: PluginSelection(loaded.root, description).replaced)
        writer.write(description.sections, root.entries, path: "", indent: 0)
        return writer.text
    }
}

/// Writes settings with their values, section by section.
private struct EffectiveWriter {
    let environment: [String: String]
    let replaced: Set<String>
    private(set) var text = ""

    init(environment: [String: String], replaced: Set<String>) {
        self.environment = environment
        self.replaced = replaced
    }

    mutating func write(
        _ settings: [SettingDescription], _ entries: [ConfigurationNode.Entry], path: String, indent: Int,
        given: Set<String> = []
    ) {
        let section = ConfigurationSection(
            path: path, origin: .standard, entries: entries, environment: environment, given: given)
        for setting in settings { write(setting, in: section, indent) }
    }

    private mutating func write(_ setting: SettingDescription, in section: ConfigurationSection, _ indent: Int) {
        let path = section.path(of: setting.key)
        switch setting.shape {
        case .value, .list, .map, .lists:
            writeValue(setting, in: section, indent)
        case .section(let settings):
            let node = section.entry(setting.key)?.value.asSection
            if node?.isNull != false, setting.presence == .optional { return }
            let entries = node?.entries ?? []
            group(setting.key, indent, empty: "{}") {
                $0.write(settings, entries, path: path, indent: indent + 1, given: section.givenKeys)
            }
        case .sections(let settings):
            let nodes = section.entry(setting.key)?.value.elements ?? []
            group(setting.key, indent, empty: "[]") { writer in
                for node in nodes {
                    writer.element(indent + 1) { $0.write(settings, node.entries, path: path, indent: indent + 2) }
                }
            }
        case .instances(let settings):
            let entries = section.entry(setting.key)?.value.entries ?? []
            group(setting.key, indent, empty: "{}") { $0.writeInstances(entries, path, indent + 1) { _ in settings } }
        case .plugins(let plugins) where plugins.isList:
            let nodes = section.entry(setting.key)?.value.elements ?? []
            group(setting.key, indent, empty: "[]") { writer in
                for node in nodes {
                    writer.element(indent + 1) { $0.writePlugins(node.entries, plugins, path, indent + 2) }
                }
            }
        case .plugins(let plugins):
            let entries = section.entry(setting.key)?.value.asSection.entries ?? []
            group(setting.key, indent, empty: "{}") { $0.writePlugins(entries, plugins, path, indent + 1) }
        }
    }

    private mutating func writeValue(
        _ setting: SettingDescription, in section: ConfigurationSection, _ indent: Int
    ) {
        let isReset = section.entry(setting.key) != nil
        if let node = section.node(setting.key, environment: setting.environment) {
            let mark = node.origin.layer == .standard ? "  # default" : ""
            line("\(setting.key): \(setting.text(of: node.asMapValue))\(mark)", indent)
        } else if let text = setting.standardText, setting.environment?.isMerged != true || !isReset {
            line("\(setting.key): \(text)  # default", indent)
        } else if setting.environment != nil, isReset {
            // The variable does not count either.
            line("\(setting.key): null", indent)
        }
    }

    private mutating func writePlugins(
        _ entries: [ConfigurationNode.Entry], _ plugins: PluginSection, _ path: String, _ indent: Int
    ) {
        let chosen = entries.filter { entry in
            guard case .instance(let instance) = PluginInstance.read(entry, in: path) else { return false }
            return !replaced.contains(instance.path)
        }
        writeInstances(chosen, path, indent) { plugins.plugin(of: $0)?.settings ?? [] }
    }

    private mutating func writeInstances(
        _ entries: [ConfigurationNode.Entry], _ path: String, _ indent: Int,
        settings: (String) -> [SettingDescription]
    ) {
        for entry in entries {
            let below = settings(entry.key)
            let path = ConfigurationPath.key(entry.key, in: path)
            group(YAMLText.key(entry.key), indent, empty: "{}") { writer in
                writer.write(below, entry.value.asSection.entries, path: path, indent: indent + 1)
            }
        }
    }

    /// A key with what `body` writes below it, or with `empty` where that is nothing.
    private mutating func group(_ key: String, _ indent: Int, empty: String, _ body: (inout EffectiveWriter) -> Void) {
        var below = EffectiveWriter(environment: environment, replaced: replaced)
        body(&below)
        line(below.text.isEmpty ? "\(key): \(empty)" : "\(key):", indent)
        text += below.text
    }

    /// An element of a list: the first line of what `body` writes gets the dash.
    private mutating func element(_ indent: Int, _ body: (inout EffectiveWriter) -> Void) {
        var below = EffectiveWriter(environment: environment, replaced: replaced)
        body(&below)
        let margin = String(repeating: "  ", count: indent)
        text += below.text.isEmpty ? margin + "- {}\n" : margin + "- " + below.text.dropFirst(margin.count + 2)
    }

    private mutating func line(_ line: String, _ indent: Int) {
        text += String(repeating: "  ", count: indent) + line + "\n"
    }
}
