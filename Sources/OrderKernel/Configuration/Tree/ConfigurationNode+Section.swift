extension ConfigurationNode {
    /// The node as a section or a plugin's entry reads it: a `null` says nothing, so the map of lower layers stands.
    ///
    /// A setting reads ``content`` instead, where `null` is the way back to the default.
    package var asSection: ConfigurationNode {
        guard let index = indexOfSection else { return self }
        var section = overridden[index]
        section.overridden = Array(overridden[(index + 1)...])
        return section
    }

    /// The node as a setting with a map for its value reads it: entries below a `null` are gone.
    package var asMapValue: ConfigurationNode {
        guard case .map(let entries) = content, let reset = overridden.first(where: \.isNull) else { return self }
        var value = self
        value.content = .map(entries.filter { $0.keyOrigin.layer > reset.origin.layer })
        return value
    }

    /// Which of ``overridden`` a section reads in place of this null.
    var indexOfSection: Int? {
        guard isNull, let index = overridden.firstIndex(where: { !$0.isNull }), case .map = overridden[index].content
        else { return nil }
        return index
    }

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The key of a scalar such as `port:5000`, which lacks the space that would make it a key and a value; `nil` for
    /// any other node. To be asked where a map is expected.
    package var keyWithoutSpace: KeyWithoutSpace? {
        guard case .scalar(let scalar) = content, scalar.isPlain, scalar.substituted.isEmpty else { return nil }
        return KeyWithoutSpace(scalar.text)
    }
}

extension ConfigurationNode.Entry {
    /// The key of an entry such as `port:5000` without a value, where the space is missing; `nil` for any other.
    var keyWithoutSpace: KeyWithoutSpace? { value.isNull ? KeyWithoutSpace(key) : nil }

    /// The key without what hangs on it for want of a space, which may be a secret, also where a value follows.
    var shownName: String { KeyWithoutSpace(key)?.key ?? name }

    /// The key, without a value that may be a secret where what stands before it makes none.
    var name: String {
        keyWithoutSpace?.key ?? (value.isNull ? String(key.prefix { !$0.isWhitespace }) : key)
    }
}
