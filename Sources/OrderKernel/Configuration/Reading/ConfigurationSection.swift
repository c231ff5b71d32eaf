/// One map of the merged profile, read by one configuration.
struct ConfigurationSection {
    /// Dotted path of the map; empty at the top.
    var path: String
    /// Where the section's key stands.
    var origin: ConfigurationOrigin
    var entries: [ConfigurationNode.Entry]
    var environment: [String: String]

    func path(of key: String) -> String { ConfigurationPath.key(key, in: path) }

    func entry(_ key: String) -> ConfigurationNode.Entry? { entries.first { $0.key == key } }

    /// What the profile, or else the environment, says of a setting. A variable that is empty says nothing.
    func node(_ key: String, environment name: String?) -> ConfigurationNode? {
        if let entry = entry(key) {
            return entry.value.isNull ? nil : entry.value
        }
        guard let name, let text = environment[name], !text.isEmpty else { return nil }
        let scalar = ConfigurationNode.Scalar(text: text, isPlain: true, substituted: [name])
        let origin = ConfigurationOrigin(layer: .environment(name), line: 0, column: 0)
        return ConfigurationNode(content: .scalar(scalar), origin: origin)
    }
}

extension ConfigurationNode {
    /// What the node is, as the subject of "is …".
    var kindName: String {
        switch content {
        case .null: "empty"
        case .scalar: "a single value"
        case .list: "a list"
        case .map: "a map"
        }
    }
}
