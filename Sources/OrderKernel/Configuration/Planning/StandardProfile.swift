/// What a profile means that leaves a section out. The kernel knows these plugins by name only: a binary without one
/// of them has no such default.
enum StandardProfile {
    /// The plugin that a section holds, with its defaults.
    static func plugin(of section: String) -> String? {
        ["storage": "sqlite", "transport": "http", "telemetry": "console"][section]
    }

    /// A profile with the defaults of the sections that it leaves out.
    static func completed(_ root: ConfigurationNode, _ description: ProfileDescription) -> ConfigurationNode {
        var entries = root.entries
        for section in description.sections {
            guard case .plugins(let plugins) = section.shape,
                entries.first(where: { $0.key == section.key })?.value.asSection.isNull != false,
                let standard = section.key == "telemetry"
                    ? description.exporters.node(among: plugins) : node(of: section.key, among: plugins)
            else { continue }
            entries.removeAll { $0.key == section.key }
            entries.append(ConfigurationNode.Entry(key: section.key, keyOrigin: .standard, value: standard))
        }
        return ConfigurationNode(content: .map(entries), origin: root.origin)
    }

    /// A section's default, as if a layer below all others had said it; `nil` where the binary lacks the plugin.
    static func node(of section: String, among plugins: PluginSection) -> ConfigurationNode? {
        guard let name = plugin(of: section), plugins.plugin(of: name) != nil else { return nil }
        let entry = ConfigurationNode.Entry(
            key: name, keyOrigin: .standard, value: ConfigurationNode(content: .null, origin: .standard))
        return ConfigurationNode(content: .map([entry]), origin: .standard)
    }
}

/// The exporters of a profile without `telemetry`: those that OpenTelemetry's variables name, or else the console's,
/// which has none only where each of the variables says so.
struct StandardExporters: Sendable {
    /// The names, and the variable that names each.
    private let named: [(name: String, variable: String)]?

    init(_ environment: [String: String]) {
        var named: [(name: String, variable: String)] = []
        var isOpen = false  // some signal is left to the default
        for variable in NamingVariables.exporters {
            let names = NamingVariables.words(environment[variable, default: ""])
            if names.isEmpty { isOpen = true }
            for name in names where name != "none" && !named.contains(where: { $0.name == name }) {
                named.append((name, variable))
            }
        }
        self.named = named.isEmpty && isOpen ? nil : named
    }

    /// The section; `nil` where the binary has none of the exporters.
    func node(among plugins: PluginSection) -> ConfigurationNode? {
        guard let named else { return StandardProfile.node(of: "telemetry", among: plugins) }
        let entries = named.filter { plugins.plugin(of: $0.name) != nil }.map { name, variable in
            let origin = ConfigurationOrigin(.environment(variable))
            return ConfigurationNode.Entry(
                key: name, keyOrigin: origin, value: ConfigurationNode(content: .null, origin: origin))
        }
        return ConfigurationNode(content: .map(entries), origin: .standard)
    }
}

extension ConfigurationOrigin {
    /// Said by no profile.
    static let standard = ConfigurationOrigin(.standard)
}
