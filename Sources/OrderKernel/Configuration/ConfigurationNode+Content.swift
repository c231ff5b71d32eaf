extension ConfigurationNode {
    /// The entries of a map; none of any other node.
    var entries: [Entry] {
        if case .map(let entries) = content { entries } else { [] }
    }

    /// The elements of a list; none of any other node.
    var elements: [ConfigurationNode] {
        if case .list(let nodes) = content { nodes } else { [] }
    }

    /// The text of a scalar; `nil` of any other node.
    var scalarText: String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }

    /// What the node is, as the subject of "is …".
    var kindName: String {
        switch content {
        case .null: "empty"
        case .scalar: "a single value"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// The entry of a map that has a key.
    func child(_ key: String) -> Entry? { entries.first { $0.key == key } }
}
