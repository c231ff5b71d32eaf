/// The text that a profile gives for one setting, and what to say when it will not do.
///
/// Messages name a text that came out of a `${…}` or belongs to a secret, but never repeat it.
public struct SettingText: Sendable {
    /// The text, after substitution.
    public let text: String
    /// Whether it may be read as a number or a boolean: a quoted text is neither, unless it holds a `${…}`.
    let isPlain: Bool
    let form: SettingForm
    /// Whether the profile has it on several lines, without quotes.
    private let isContinued: Bool
    /// How messages call the text where they must not repeat it.
    private let alias: String?

    init(_ scalar: ConfigurationNode.Scalar, form: SettingForm) {
        text = scalar.text
        isPlain = scalar.isPlain || !scalar.substituted.isEmpty
        self.form = form
        isContinued = scalar.isContinued
        alias = Self.alias(scalar, form)
    }

    /// `nil` where a node is no single value.
    init?(_ node: ConfigurationNode, of setting: SettingDescription?) {
        guard case .scalar(let scalar) = node.content, let form = setting?.form else { return nil }
        self.init(scalar, form: form)
    }

    private static func alias(_ scalar: ConfigurationNode.Scalar, _ form: SettingForm) -> String? {
        if !scalar.substituted.isEmpty {
            let names = scalar.substituted.map { "${\($0)}" }.joined(separator: ", ")
            return "the value of \(names)" + (scalar.text.isEmpty ? ", which is empty," : "")
        }
        return form.hides(scalar.text) ? "the value" : nil
    }

    /// How messages call the text: at most 60 characters of it, without the passwords of URLs. What cannot be printed
    /// is escaped in the report.
    private var shown: String {
        if let alias { return alias }
        let shown = text.withoutPasswords
        let start = shown.unicodeScalars.prefix(60)
        return start.endIndex == shown.endIndex ? shown : String(start) + "…"
    }

    /// The text in quotes, or what messages call it, as the subject of a sentence.
    var subject: String { alias ?? "'\(shown)'" }

    /// What a text that will not do was probably meant to be; `nil` where it does not look like it.
    var hint: String? {
        if isContinued {
            let whole = alias == nil ? ", and makes it '\(shown)'" : ""
            return "the next line goes on with the text, as it is indented deeper\(whole)"
        }
        if let variable { return "a variable is written with braces: \(alias == nil ? variable : "${NAME}")" }
        let hasMarks = text.unicodeScalars.contains { "“”„‘’‚«»".unicodeScalars.contains($0) }
        return hasMarks ? "typographic quotation marks belong to the text; write \" or '" : nil
    }

    /// `${NAME}` for a text that is `$NAME`.
    private var variable: String? {
        let name = text.dropFirst()
        guard text.first == "$", shown == text, let first = name.first, !first.isNumber,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else { return nil }
        return "${\(name)}"
    }

    /// A fault of the text with what was probably meant.
    func explained(_ fault: SettingFault) -> SettingFault {
        var fault = fault
        fault.message += hint.map { "; " + $0 } ?? ""
        if let variable { fault.suggestion = repeatable(variable) }
        return fault
    }

    /// A fault: the text is no value of its type, such as `'five' is not a whole number`.
    /// - Parameters:
    ///   - hint: What would be right, in words that do not repeat the text.
    ///   - expected: What the text should be, where that is more than its form says: `the URL of a collector`.
    ///   - suggestion: What would be right, alone.
    public func mistyped(
        _ hint: String? = nil, as expected: String? = nil, suggestion: String? = nil
    ) -> SettingFault {
        let reason = hint.map { ": \($0)" } ?? ""
        return SettingFault(
            code: .wrongType, message: "\(subject) is not \(expected ?? form.expected)\(reason)",
            suggestion: repeatable(suggestion))
    }

    /// A fault: the value is outside the setting's range, or else outside what its type can hold.
    public func outOfRange(_ natural: String) -> SettingFault {
        SettingFault(code: .outOfRange, message: "\(shown) is outside \(form.range ?? natural)")
    }

    /// A fault: the text is none of the form's choices.
    func unknownChoice() -> SettingFault {
        guard case .choice(let names) = form.kind else { return mistyped() }
        let suggestion = DidYouMean.closest(to: text, among: names)
        let hint = hint == nil ? suggestion.map { "; did you mean '\($0)'?" } ?? "" : ""
        let subject = alias.map { $0 + " " } ?? ""
        return SettingFault(
            code: .unknownChoice, message: "\(subject)must be \(form.name)\(hint)", suggestion: suggestion)
    }

    /// A fault: a number stands where a unit is needed.
    /// - Parameter units: The likeliest first; the first that leads into the range is named.
    func lacksUnit<V: SettingValue & Comparable>(_ units: [String], of type: V.Type) -> SettingFault {
        let number = alias == nil ? text : "5"
        guard let example = units.map({ number + $0 }).first(where: { isWithinRange($0, of: type) }) else {
            let range = form.range.map { ", and to be within \($0)" } ?? ""
            return SettingFault(code: .wrongType, message: "\(shown) needs a unit\(range)")
        }
        return SettingFault(
            code: .wrongType, message: "\(shown) needs a unit, such as \(example)", suggestion: repeatable(example))
    }

    /// A fault: the text is no amount with a unit.
    /// - Parameters:
    ///   - hint: What would be right, where nothing was probably meant.
    ///   - names: Units by what they are also called, in lower case.
    func mistyped<V: SettingValue & Comparable>(
        _ hint: String, of type: V.Type, units names: [String: String]
    ) -> SettingFault {
        guard alias == nil, let meant = UnitText.corrected(text, names), meant != text,
            isWithinRange(meant, of: type)
        else { return mistyped(hint) }
        return mistyped("did you mean \(meant)?", suggestion: meant)
    }

    private func isWithinRange<V: SettingValue & Comparable>(_ text: String, of type: V.Type) -> Bool {
        func read(_ text: String) -> V? {
            try? V(reading: SettingText(ConfigurationNode.Scalar(text: text, isPlain: true), form: form))
        }
        guard let value = read(text) else { return false }
        guard let bounds = form.bounds, let lower = read(bounds.lower), let upper = read(bounds.upper) else {
            return true
        }
        return lower <= value && value <= upper
    }

    /// A fault: quotes make a text of what should be a number or a boolean.
    func quoted() -> SettingFault {
        SettingFault(
            code: .wrongType, message: "is quoted, and so a text; \(form.expected) is expected, without quotes",
            suggestion: repeatable(text))
    }

    /// A suggestion made from the text, unless the text must not be repeated.
    private func repeatable(_ suggestion: String?) -> String? { shown == text ? suggestion : nil }
}

/// What is wrong with one setting's value. Made by ``SettingText``.
public struct SettingFault: Error, Sendable, Equatable {
    package var code: ConfigurationProblem.Code
    package var message: String
    package var suggestion: String?
}
