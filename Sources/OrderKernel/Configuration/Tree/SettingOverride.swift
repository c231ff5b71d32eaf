/// One `--set a.b=c`.
package struct SettingOverride: Sendable, Equatable {
    /// The key path, split at its dots: `transport.http/admin.port` has three keys.
    package let keys: [String]
    /// The value: a text as it stands, or with quotes or brackets YAML's scalar, list or map. Empty, where that may
    /// be: back to the default.
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

    /// The path of the setting.
    var steps: [ConfigurationPath.Step] { keys.map(ConfigurationPath.Step.key) }

    /// Whether the value begins as a quoted or tagged scalar, a list or a map of YAML does; any other is a text.
    var isYAML: Bool { value.first { $0 != " " }.map { "\"'!{[".contains($0) } ?? false }

    /// The override as a layer of its own: the value inside a map for each key.
    func parsed(layer: ConfigurationOrigin.Layer) -> ProfileParser.Parsed {
        let origin = ConfigurationOrigin(layer)
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

    /// What YAML makes of the value, or else the text without the spaces around it: a null, a number or a boolean is
    /// written so too.
    private func parsedValue(layer: ConfigurationOrigin.Layer, _ origin: ConfigurationOrigin) -> ProfileParser.Parsed {
        guard !isYAML else { return ProfileParser(layer: layer, path: steps).parse(Array(value.utf8)) }
        let text = String(value.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        let content: ConfigurationNode.Content =
            YAMLTag.nulls.contains(text) ? .null : .scalar(ConfigurationNode.Scalar(text: text, isPlain: true))
        return ProfileParser.Parsed(root: ConfigurationNode(content: content, origin: origin), problems: [])
    }
}

/// A `--set` that is none: a mistake of the command line, not of the profile. What it says may be a secret.
package struct SettingOverrideError: Error, Equatable, CustomStringConvertible {
    package var description: String { "--set takes key=value, such as transport.http.port=8080" }
}
