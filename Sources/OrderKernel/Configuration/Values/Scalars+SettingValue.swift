extension String: SettingValue {
    public static var form: SettingForm { .text }
    public static var placeholder: String { "" }
    public static var alternative: String { "other" }
    public init(reading text: SettingText) throws(SettingFault) { self = text.text }
    public var settingText: String { self }
}

extension Secret: SettingValue {
    public static var form: SettingForm { .secret }
    public static var placeholder: Secret { Secret("") }
    public static var alternative: Secret { Secret("other") }
    public init(reading text: SettingText) throws(SettingFault) {
        self.init(text.text)
        guard revealed != description else { throw text.mistyped("`config show` prints this in place of a secret") }
    }
    public var settingText: String { description }
}

extension Bool: SettingValue {
    public static var form: SettingForm { .boolean }
    public static var placeholder: Bool { false }
    public static var alternative: Bool { true }

    public init(reading text: SettingText) throws(SettingFault) {
        guard let value = Bool(settingText: text.text) else { throw text.mistyped("write true or false") }
        guard text.isPlain else { throw text.quoted() }
        self = value
    }

    /// The boolean that a profile writes so; `nil` where it is none.
    package init?(settingText: String) {
        switch settingText.lowercased() {
        case "true", "yes", "on": self = true
        case "false", "no", "off": self = false
        default: return nil
        }
    }

    public var settingText: String { self ? "true" : "false" }
}

extension Int: SettingValue {
    public static var form: SettingForm { .integer }
    public static var placeholder: Int { 0 }
    public static var alternative: Int { 1_000_000 }

    public init(reading text: SettingText) throws(SettingFault) {
        guard Self.isDecimal(text.text) else { throw text.mistyped() }
        guard text.isPlain else { throw text.quoted() }
        guard let value = Int(text.text) else { throw text.outOfRange("\(Int.min)...\(Int.max)") }
        self = value
    }

    /// Whether a text is digits without leading zeros, after at most one minus.
    private static func isDecimal(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return false
        }
        return digits.count == 1 || digits.first != UInt8(ascii: "0")
    }

    public var settingText: String { String(self) }
}

extension Double: SettingValue {
    public static var form: SettingForm { .number }
    public static var placeholder: Double { 0 }
    public static var alternative: Double { 1_000_000 }

    public init(reading text: SettingText) throws(SettingFault) {
        // Letters and underscores but `e` and `E` would make `nan`, `inf` and hexadecimal numbers of it.
        let allowed = Array("0123456789.+-eE".utf8)
        guard text.text.utf8.allSatisfy(allowed.contains), let value = Double(text.text) else { throw text.mistyped() }
        guard text.isPlain else { throw text.quoted() }
        guard value.isFinite else { throw text.outOfRange("±1.8e308") }
        self = value
    }

    public var settingText: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
