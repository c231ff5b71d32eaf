/// One `--set a.b=c`.
package struct SettingOverride: Sendable, Equatable {
    /// The key path, split at its dots: `transport.http/admin.port` has three keys.
    package let keys: [String]
    /// The value, as YAML: a scalar, or a list or map in brackets. Empty: back to the default.
    package let value: String

    /// Splits at the first `=`.
    /// - Throws: ``SettingOverrideError`` where there is none, or nothing before it.
    package init(_ text: String) throws(SettingOverrideError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw SettingOverrideError(text: text)
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
        var parsed = ProfileParser(layer: layer, path: keys.map(PathPart.key)).parse(Array(value.utf8))
        parsed.root = parsed.root.map { value in
            keys.reversed().reduce(value) { node, key in
                let entry = ConfigurationNode.Entry(key: key, keyOrigin: origin, value: node)
                return ConfigurationNode(content: .map([entry]), origin: origin)
            }
        }
        return parsed
    }
}

/// A `--set` that is none: a mistake of the command line, not of the profile.
package struct SettingOverrideError: Error, Equatable, CustomStringConvertible {
    package let text: String

    package var description: String { "'\(text)' is not of the form key=value, such as transport.http.port=8080" }
}
