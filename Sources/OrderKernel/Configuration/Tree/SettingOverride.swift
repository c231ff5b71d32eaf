/// One `--set a.b=c`.
package struct SettingOverride: Sendable, Equatable {
    /// The key path, split at its dots: `transport.http/admin.port` has three keys.
    package let keys: [String]
    /// The value, as YAML. Empty: back to the default.
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
}

/// A `--set` that is none: a mistake of the command line, not of the profile.
package struct SettingOverrideError: Error, Equatable, CustomStringConvertible {
    package let text: String

    package var description: String { "'\(text)' is not of the form key=value, such as transport.http.port=8080" }
}
