/// One `--set a.b=c`.
package struct SettingOverride: Sendable, Equatable {
    /// The key path, split at its dots: `transport.http/admin.port` has three keys.
    package let keys: [String]
    /// The value: a text as it stands, or with quotes or brackets YAML's scalar, list or map. Empty: back to the
    /// default.
    package let value: String

    /// Splits at the first `=`.
    /// - Throws: ``SettingOverrideError`` where there is none, or nothing before it.
    package init(_ text: String) throws(SettingOverrideError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw SettingOverrideError()
        }
        self.keys = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        self.value = String(text[text.index(after: equals)...])
    }

    /// The dotted path as it was given.
    package var path: String { keys.joined(separator: ".") }

    /// The override as a layer of its own: the value inside a map for each key.
    func parsed(layer: ConfigurationOrigin.Layer) -> ProfileParser.Parsed {
        let origin = ConfigurationOrigin(layer: layer, line: 0, column: 0)
        guard keys.count < ProfileComposer.deepest else {
            let message = "lists and maps are nested deeper than \(ProfileComposer.deepest)"
            return ProfileParser.Parsed(problems: [
                ConfigurationProblem(code: .tooDeep, origin: origin, message: message)
            ])
        }
        var parsed = parsedValue(layer: layer, origin)
        parsed.root = parsed.root.map { value in
            keys.reversed().reduce(value) { node, key in
                let entry = ConfigurationNode.Entry(key: key, keyOrigin: origin, value: node)
                return ConfigurationNode(content: .map([entry]), origin: origin)
            }
        }
        return parsed
    }

    /// What YAML makes of the value; a text that it would cut at a `#`, or take for a map, stays a text.
    private func parsedValue(layer: ConfigurationOrigin.Layer, _ origin: ConfigurationOrigin) -> ProfileParser.Parsed {
        let parsed = ProfileParser(layer: layer, path: keys.map(PathPart.key)).parse(Array(value.utf8))
        let text = value.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        guard let first = text.first, !Self.indicators.contains(first), !text.starts(with: "- "),
            text.allSatisfy({ !$0.isNewline && $0 >= " " })
        else { return parsed }
        switch parsed.root?.content {
        case .null where first != "#", .scalar: if !value.contains(" #") { return parsed }
        default: break
        }
        let scalar = ConfigurationNode.Scalar(text: String(text), isPlain: true)
        return ProfileParser.Parsed(root: ConfigurationNode(content: .scalar(scalar), origin: origin), problems: [])
    }

    /// What begins a value that is no text as it stands.
    private static let indicators: Set<Character> = ["[", "{", "\"", "'", "&", "*", "!", "|", ">", "%", "@", "`"]
}

/// A `--set` that is none: a mistake of the command line, not of the profile. What it says may be a secret.
package struct SettingOverrideError: Error, Equatable, CustomStringConvertible {
    package var description: String { "--set takes key=value, such as transport.http.port=8080" }
}
