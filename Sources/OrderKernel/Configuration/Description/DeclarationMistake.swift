/// Something that is wrong with how a plugin declares its settings, whatever a profile says.
///
/// It is told with the plugin's name, at the start and by the plugin's own tests.
struct DeclarationMistake: Sendable, Equatable, CustomStringConvertible {
    /// Dotted path of the setting.
    let path: String
    /// What is wrong, as a sentence about the setting: `is declared twice`.
    let message: String

    var description: String { "the setting \(path) \(message)" }
}

extension Settings {
    /// A default or a bound that a profile would write otherwise, or cannot write, would be shown as another.
    mutating func requireWritable<V: SettingValue>(_ values: [V], _ key: String) {
        for value in values where !value.isWritable {
            let message = "has the default or the bound \(value), which a profile cannot write"
            mistakes.append(DeclarationMistake(path: key, message: message))
        }
    }
}

extension SettingValue {
    /// Whether the value is read back from its own text. What has no order is taken to be, such as a secret.
    fileprivate var isWritable: Bool {
        guard let value = self as? any Comparable else { return true }
        let scalar = ConfigurationNode.Scalar(text: settingText, isPlain: true)
        return value.equals(try? Self(reading: SettingText(scalar, form: Self.form)))
    }
}

extension Comparable {
    fileprivate func equals(_ other: Any?) -> Bool { (other as? Self) == self }
}

extension DeclarationMistake {
    /// The settings whose keys a profile or a `--set` could not write.
    static func unwritable(_ settings: [SettingDescription], below path: String = "") -> [DeclarationMistake] {
        settings.flatMap { setting in
            let path = ConfigurationPath.key(setting.key, in: path)
            let own = [DeclarationMistake(path: path, message: "needs a key in lower_snake_case")]
            return (setting.key.isSnakeCase ? [] : own) + unwritable(setting.nested ?? [], below: path)
        }
    }
}

extension String {
    /// As a variable of the environment is named: in any case, and underscores may come first.
    var isVariableName: Bool { drop { $0 == "_" }.lowercased().isSnakeCase }

    /// Begins with a letter; letters, digits and underscores follow, all of them ASCII and small.
    var isSnakeCase: Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = utf8.first, letters.contains(first) else { return false }
        return utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }
}
