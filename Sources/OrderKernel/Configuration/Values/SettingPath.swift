/// A path of the file system, as the profile gives it: relative paths start where the service was started.
public struct SettingPath: SettingValue, Hashable, CustomStringConvertible {
    /// Not empty. Where a plugin says so, `-` is standard input or output.
    public let text: String

    public init(_ text: String) { self.text = text }

    public static var form: SettingForm { .path }
    public static var placeholder: SettingPath { SettingPath("-") }
    public static var alternative: SettingPath { SettingPath("other") }

    public init(reading text: SettingText) throws(SettingFault) {
        guard !text.text.isEmpty else { throw SettingFault(code: .outOfRange, message: "is empty; a path is expected") }
        guard !text.text.utf8.contains(0) else { throw text.mistyped("it holds a NUL") }
        // YAML's `|` leaves one at the end, which nobody means.
        if text.text.utf8.contains(where: "\r\n".utf8.contains) { throw text.mistyped("it holds a line break") }
        guard !text.text.hasSuffix("/") else {
            throw text.mistyped("it ends with a `/`, which only that of a folder does", as: "the path of a file")
        }
        let start = text.text.prefixMatch(of: /\$([A-Za-z_][A-Za-z_0-9]*)\//)
        if let start {
            let meant = "${\(start.1)}/" + text.text[start.range.upperBound...]
            throw text.mistyped("a variable is written with braces, ${NAME}", suggestion: meant)
        }
        // It would become a folder of that name.
        guard !text.text.hasPrefix("~/") else {
            let home = "${HOME}" + text.text.dropFirst()
            throw text.mistyped("no shell reads `~`; write the whole path, or ${HOME} in the profile", suggestion: home)
        }
        self.init(text.text)
    }

    public var settingText: String { text }
    public var description: String { text }
}
