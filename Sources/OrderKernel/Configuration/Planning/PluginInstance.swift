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

    static func read(_ entry: ConfigurationNode.Entry, in section: String) -> Entry {
        let path = ConfigurationPath.key(entry.key, in: section)
        var node = entry.value.asSection
        if case .scalar(let scalar) = node.content {
            if scalar.isPlain, Bool(settingText: scalar.text) == false { return .takenOut }
            guard scalar.isPlaceholder else { return .faulty(mistyped(node, path)) }
            node.content = .null
        }
        if case .list = node.content { return .faulty(mistyped(node, path)) }
        return .instance(PluginInstance(name: entry.key, path: path, origin: entry.keyOrigin, node: node))
    }

    private static func mistyped(_ node: ConfigurationNode, _ path: String) -> ConfigurationProblem {
        let space = node.keyWithoutSpace.map { "; \($0.advice)" } ?? ""
        return ConfigurationProblem(
            code: .wrongType, origin: node.origin, path: path,
            message: "is \(node.kindName); a map of settings, nothing, or false is expected\(space)")
    }
}
