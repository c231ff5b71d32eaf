/// How a profile writes a type of setting.
public struct SettingForm: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case text, integer, number, boolean, duration, size, url, path, secret
        case choice([String])
    }

    /// Least and greatest value, as a profile would write them.
    package struct Bounds: Sendable, Equatable {
        package var lower: String
        package var upper: String
    }

    package var kind: Kind
    package var bounds: Bounds?
    /// Whether the case of a choice does not count.
    package var foldsCase = false
    /// Whether a text with an `@` or a query in it may hold a password.
    package var mayHoldPassword = false
    /// Other spellings of choices, which messages do not offer.
    package var aliases: [String] = []

    init(_ kind: Kind) { self.kind = kind }

    /// Any text, whatever it looks like.
    public static let text = SettingForm(.text)
    /// A whole number in decimal digits, without leading zeros, within 64 bits.
    public static let integer = SettingForm(.integer)
    /// A number as JSON writes it.
    public static let number = SettingForm(.number)
    /// `true`, `false`, `yes`, `no`, `on`, `off`, in any case.
    public static let boolean = SettingForm(.boolean)
    /// `250ms`, `5s`, `1m30s`, `2h`.
    public static let duration = SettingForm(.duration)
    /// `512B`, `64KiB`, `1MB`.
    public static let size = SettingForm(.size)
    /// `scheme://[user[:password]@]host[:port][/path][?query]`.
    public static let url = SettingForm(.url)
    /// A path of the file system, not empty.
    public static let path = SettingForm(.path)
    /// A text that is never shown.
    public static let secret = SettingForm(.secret)

    /// Where a server is, with a scheme or without: `host:4317`. With an `@` or a query in it, it is never shown.
    public static let address: SettingForm = {
        var form = SettingForm.text
        form.mayHoldPassword = true
        return form
    }()

    /// One of these names.
    public static func choice(_ names: [String]) -> SettingForm { SettingForm(.choice(names)) }

    /// The same form within a range.
    func bounded<V: SettingValue & Comparable>(_ range: ClosedRange<V>) -> SettingForm {
        var form = self
        form.bounds = Bounds(lower: range.lowerBound.settingText, upper: range.upperBound.settingText)
        return form
    }

    /// Whether no message may repeat a text of this form.
    func hides(_ text: String) -> Bool {
        kind == .secret || kind == .url || mayHoldPassword && text.contains { "@?".contains($0) }
    }

    /// What operators call the form: `whole number`.
    package var name: String {
        switch kind {
        case .text: "text"
        case .integer: "whole number"
        case .number: "number"
        case .boolean: "boolean"
        case .duration: "duration"
        case .size: "size"
        case .url: "URL"
        case .path: "path"
        case .secret: "secret"
        case .choice(let names): names.count == 1 ? names[0] : "one of " + names.joined(separator: ", ")
        }
    }

    /// ``name`` as the subject of "… is expected".
    package var expected: String {
        switch kind {
        case .text, .choice: name
        default: "a " + name
        }
    }

    /// `1...65535`; `nil` without a range.
    package var range: String? { bounds.map { "\($0.lower)...\($0.upper)" } }
}
