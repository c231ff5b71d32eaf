extension Settings {
    /// A list of values. Where the default has elements, the profile's list must have some too.
    public mutating func list<V: SettingValue>(
        _ key: String, default: [V], _ summary: String, environment: SettingVariables? = nil
    ) -> [V] {
        list(key, default: `default`, summary, mayBeEmpty: `default`.isEmpty, environment: environment)
    }

    /// A list of values.
    /// - Parameter mayBeEmpty: Whether the profile's list may be empty, though the default is not.
    mutating func list<V: SettingValue>(
        _ key: String, default: [V], _ summary: String, mayBeEmpty: Bool, environment: SettingVariables?
    ) -> [V] {
        let shape = SettingDescription.Shape.list(V.form, mayBeEmpty: mayBeEmpty)
        describe(key, summary, shape, .standard(FlowText.list(`default`)), environment)
        switch pass {
        case .describe(let answers):
            return answers == .least ? [] : [answers.value(V.self)]
        case .read(let section):
            guard let node = lookUp(key, environment, in: section) else { return `default` }
            var reader = NodeReader()
            let values: [V] = reader.list(node, section.path(of: key), V.form, mayBeEmpty: mayBeEmpty)
            if forgives(reader, node, environment, V.form) { return `default` }
            absorb(reader, key)
            return reader.isSure ? values : `default`
        }
    }

    /// Values by name. A name may be a type of its own, and is read as one.
    public mutating func map<K: SettingValue & Hashable, V: SettingValue>(
        _ key: String, default: [K: V], _ summary: String, environment: SettingVariables? = nil
    ) -> [K: V] {
        describe(key, summary, .map(V.form), .standard(FlowText.map(`default`)), environment)
        switch pass {
        case .describe(let answers):
            return answers == .least ? [:] : [answers.value(K.self): answers.value(V.self)]
        case .read(let section): return entries(key, in: section, environment) ?? `default`
        }
    }

    /// Values by name that may be absent: a map without entries is there, and says that there are none.
    public mutating func optionalMap<K: SettingValue & Hashable, V: SettingValue>(
        _ key: String, _ summary: String, environment: SettingVariables? = nil
    ) -> [K: V]? {
        describe(key, summary, .map(V.form), .optional, environment)
        switch pass {
        case .describe(let answers):
            return answers == .least ? nil : [answers.value(K.self): answers.value(V.self)]
        case .read(let section): return entries(key, in: section, environment)
        }
    }

    /// - Returns: `nil` where nobody says anything, or what is said will not do.
    private mutating func entries<K: SettingValue & Hashable, V: SettingValue>(
        _ key: String, in section: ConfigurationSection, _ environment: SettingVariables?
    ) -> [K: V]? {
        guard let node = lookUp(key, environment, in: section) else { return nil }
        var reader = NodeReader()
        var values: [K: V] = [:]
        let path = section.path(of: key)
        for entry in reader.mapValue(node, path, V.form) where !entry.value.isNull {
            // The dots of a name cut the path of a `--set`.
            let isCut = if case .map = entry.value.content { !entry.value.origin.layer.isFile } else { false }
            let hint = isCut ? "a name with dots stands in braces: --set '\(path)={a.b: …}'" : nil
            let path = ConfigurationPath.key(entry.shownName, in: path)
            let name: K? = reader.key(entry, path)
            let value: V? = reader.value(entry.value, path, V.form, hint: hint)
            if let name { values[name] = value }
        }
        if forgives(reader, node, environment, V.form) { return nil }
        absorb(reader, key)
        return reader.isSure ? values : nil
    }

    /// Lists of values by name, none by default. A list may be empty.
    public mutating func lists<K: SettingValue & Hashable, V: SettingValue>(
        _ key: String, _ summary: String
    ) -> [K: [V]] {
        describe(key, summary, .lists(K.form, V.form), .standard("{}"))
        switch pass {
        case .describe(let answers):
            return answers == .least ? [:] : [answers.value(K.self): [answers.value(V.self)]]
        case .read(let section):
            guard let node = section.node(key, environment: nil) else { return [:] }
            var reader = NodeReader()
            var values: [K: [V]] = [:]
            let path = section.path(of: key)
            for entry in reader.mapValue(node, path, V.form) {
                let path = ConfigurationPath.key(entry.shownName, in: path)
                let name: K? = reader.key(entry, path)
                if entry.value.isNull { continue }
                let list: [V] = reader.list(entry.value, path, V.form, mayBeEmpty: true)
                if let name { values[name] = list }
            }
            absorb(reader, key)
            return reader.isSure ? values : [:]
        }
    }
}

/// Values as one line of YAML.
enum FlowText {
    static func list<V: SettingValue>(_ values: [V]) -> String {
        "[" + values.map { scalar($0) }.joined(separator: ", ") + "]"
    }

    static func map<K: SettingValue, V: SettingValue>(_ entries: [K: V]) -> String {
        "{" + entries.map { "\(YAMLText.key($0.settingText)): \(scalar($1))" }.sorted().joined(separator: ", ") + "}"
    }

    static func scalar<V: SettingValue>(_ value: V) -> String { YAMLText.scalar(value.settingText) }
}
