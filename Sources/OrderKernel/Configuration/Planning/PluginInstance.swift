/// One plugin that a profile picks: an entry of a section of plugins.
struct PluginInstance: Sendable {
    /// As the profile has it, such as `http/admin`.
    var name: String
    /// Dotted path, such as `transport.http/admin`.
    var path: String
    /// Where its key stands.
    var origin: ConfigurationOrigin
    /// Its settings: a map, or null.
    var node: ConfigurationNode

    /// Name of the plugin, without the instance.
    var plugin: String { String(name.prefix { $0 != "/" }) }

    /// What an entry says of a plugin.
    enum Entry {
        case instance(PluginInstance)
        /// `http: false`
        case takenOut
        case faulty(ConfigurationProblem)
    }

    /// - Parameter settings: The plugin's, where they are known, to say what a map of them holds.
    static func read(
        _ entry: ConfigurationNode.Entry, in section: String, _ settings: [SettingDescription] = []
    ) -> Entry {
        let path = ConfigurationPath.key(entry.key, in: section)
        var node = entry.value.asSection
        if case .scalar(let scalar) = node.content {
            if scalar.isPlain, Bool(settingText: scalar.text) == false { return .takenOut }
            guard scalar.isPlaceholder else { return .faulty(mistyped(node, path, settings)) }
            node.content = .null
        }
        if case .list = node.content { return .faulty(mistyped(node, path, settings)) }
        return .instance(PluginInstance(name: entry.key, path: path, origin: entry.keyOrigin, node: node))
    }

    private static func mistyped(
        _ node: ConfigurationNode, _ path: String, _ settings: [SettingDescription]
    ) -> ConfigurationProblem {
        let advice = (node.keyWithoutSpace?.advice ?? settings.advice(for: node)).map { "; " + $0 } ?? ""
        return ConfigurationProblem(
            code: .wrongType, origin: node.origin, path: path,
            message: "is \(node.kindName); a map of settings, nothing, or false is expected\(advice)")
    }
}
