extension Settings {
    /// A section of settings, which may be absent where all of its settings may.
    public mutating func section<C: PluginConfiguration>(_ key: String, _ summary: String) -> C {
        let settings = declared(C.self, below: key)
        describe(key, summary, .section(settings), .standard("{}"))
        guard case .read(let section) = pass else { return described(C.self) }
        let node = section.entry(key)?.value
        let origin = section.entry(key)?.keyOrigin ?? section.origin
        return read(C.self, node, at: origin, section.path(of: key), key)
    }

    /// A section of settings that may be absent as a whole; an empty one is there, with its defaults.
    public mutating func optionalSection<C: PluginConfiguration>(_ key: String, _ summary: String) -> C? {
        let settings = declared(C.self, below: key)
        describe(key, summary, .section(settings), .optional)
        guard case .read(let section) = pass else { return isLeft(C.self) ? nil : described(C.self) }
        guard let entry = section.entry(key), !entry.value.isNull else { return nil }
        return read(C.self, entry.value, at: entry.keyOrigin, section.path(of: key), key)
    }

    /// A list of sections, empty by default.
    public mutating func sections<C: PluginConfiguration>(_ key: String, _ summary: String) -> [C] {
        let settings = declared(C.self, below: key)
        describe(key, summary, .sections(settings), .standard("[]"))
        guard case .read(let section) = pass else { return isLeft(C.self) ? [] : [described(C.self)] }
        guard let node = section.node(key, environment: nil) else { return [] }
        let path = section.path(of: key)
        guard case .list(let nodes) = node.content else {
            var reader = NodeReader()
            reader.refuseKind(node, path, expected: "a list")
            absorb(reader, key)
            return []
        }
        return nodes.enumerated().map { read(C.self, $1, at: $1.origin, ConfigurationPath.element($0, in: path), key) }
    }

    /// Sections by name, none by default.
    public mutating func instances<C: PluginConfiguration>(_ key: String, _ summary: String) -> [String: C] {
        let settings = declared(C.self, below: key)
        describe(key, summary, .instances(settings), .standard("{}"))
        guard case .read(let section) = pass else { return isLeft(C.self) ? [:] : ["name": described(C.self)] }
        guard let node = section.node(key, environment: nil) else { return [:] }
        let path = section.path(of: key)
        var reader = NodeReader()
        let entries = reader.entries(node, path)
        absorb(reader, key)
        var values: [String: C] = [:]
        for entry in entries {
            values[entry.key] = read(
                C.self, entry.value, at: entry.keyOrigin, ConfigurationPath.key(entry.key, in: path), key)
        }
        return values
    }

    private var answers: SettingAnswers {
        if case .describe(let answers) = pass { answers } else { .least }
    }

    private mutating func declared<C: PluginConfiguration>(
        _ type: C.Type, below key: String
    ) -> [SettingDescription] {
        guard !types.contains(ObjectIdentifier(type)) else {
            mistakes.append(DeclarationMistake(path: key, message: "is a section within itself, and so without end"))
            return []
        }
        let nested = C.declared(answering: answers, within: types)
        mistakes += nested.mistakes.map {
            DeclarationMistake(path: ConfigurationPath.key($0.path, in: key), message: $0.message)
        }
        return nested.described
    }

    /// Whether a section that may be absent is.
    private func isLeft<C: PluginConfiguration>(_ type: C.Type) -> Bool {
        answers == .least || types.contains(ObjectIdentifier(type))
    }

    private func described<C: PluginConfiguration>(_ type: C.Type) -> C {
        var nested = Settings(describing: answers, within: types + [ObjectIdentifier(type)])
        return C(from: &nested)
    }

    private mutating func read<C: PluginConfiguration>(
        _ type: C.Type, _ node: ConfigurationNode?, at origin: ConfigurationOrigin, _ path: String, _ key: String
    ) -> C {
        var reader = NodeReader()
        let settings = declared(key)?.nested ?? []
        let entries = node.flatMap { $0.isNull ? nil : reader.entries($0, path, hint: settings.advice(for: $0)) } ?? []
        absorb(reader, key)
        var nested = Settings(reading: nestedSection(path, origin, entries))
        let value = C(from: &nested)
        // What a section of the wrong kind lacks is no news.
        if reader.isSure { absorb(nested, key) }
        return value
    }

    private func nestedSection(
        _ path: String, _ origin: ConfigurationOrigin, _ entries: [ConfigurationNode.Entry]
    ) -> ConfigurationSection {
        guard case .read(var section) = pass else { preconditionFailure("only the read pass reads sections") }
        section.given = section.givenKeys
        (section.path, section.origin, section.entries) = (path, origin, entries)
        return section
    }
}
