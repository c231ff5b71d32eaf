/// What a configuration's initialiser is told while its settings are described: a configuration that asks for the same
/// settings whatever the answers does not branch on a value.
public enum SettingAnswers: Sendable, CaseIterable {
    /// Lower bounds, zeros, first choices; what may be absent is, and lists are empty.
    case least
    /// Upper bounds, other values, last choices; what may be absent is there, and lists hold one element.
    case most

    func value<V: SettingValue>(_ type: V.Type) -> V {
        switch self {
        case .least: V.placeholder
        case .most: V.alternative
        }
    }

    func value<V: SettingValue & Comparable>(in range: ClosedRange<V>) -> V {
        switch self {
        case .least: range.lowerBound
        case .most: range.upperBound
        }
    }
}

extension PluginConfiguration {
    /// Describes the settings: one line for each, in the order of their declaration.
    ///
    /// The contract suites compare the lines for all ``SettingAnswers``: they differ where the initialiser branches on
    /// a value.
    public static func describedSettings(answering answers: SettingAnswers) -> [String] {
        descriptions(answering: answers).flatMap { $0.lines(under: "") }
    }

    static func descriptions(answering answers: SettingAnswers = .least) -> [SettingDescription] {
        declared(answering: answers).described
    }

    /// The settings, and what is wrong with their declaration.
    /// - Parameter types: Configurations that this one is a section of, one in another.
    static func declared(
        answering answers: SettingAnswers = .least, within types: [ObjectIdentifier] = []
    ) -> (described: [SettingDescription], mistakes: [DeclarationMistake]) {
        var settings = Settings(describing: answers, within: types + [ObjectIdentifier(Self.self)])
        _ = Self(from: &settings)
        return (settings.described, settings.mistakes)
    }
}

extension SettingDescription {
    /// One line for the setting and one for each below it.
    fileprivate func lines(under prefix: String) -> [String] {
        let path = prefix + key
        let line = "\(path): \(typeName), \(presenceText), \(environment?.text ?? "no variable"), \(summary)"
        return [line] + (nested ?? []).flatMap { $0.lines(under: path + ".") }
    }

    private var presenceText: String {
        switch presence {
        case .required: "required"
        case .optional: "optional"
        case .standard(let text): "default \(text)"
        }
    }
}
