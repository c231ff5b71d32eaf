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
    /// Begins with a letter; letters, digits and underscores follow, all of them ASCII and small.
    var isSnakeCase: Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = utf8.first, letters.contains(first) else { return false }
        return utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }
}
