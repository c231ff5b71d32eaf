/// A type that one setting may have.
///
/// Texts, whole numbers, numbers, booleans, durations, sizes, URLs, paths and secrets are such types; an enum of texts
/// becomes one through ``ChoiceValue``. A type of one's own reads the text of one of these forms.
public protocol SettingValue: Sendable {
    /// How the profile writes such a value, and what a schema says of it.
    static var form: SettingForm { get }
    /// Stands for a value while settings are described, and where the real one is faulty.
    static var placeholder: Self { get }
    /// A second value, which shows that nothing depends on the first while settings are described.
    static var alternative: Self { get }

    /// Reads what the profile says.
    /// - Throws: What is wrong with the text, made by the text itself: ``SettingText/mistyped(_:as:suggestion:)``.
    init(reading text: SettingText) throws(SettingFault)

    /// The value as a profile would write it.
    var settingText: String { get }
}

extension SettingValue {
    public static var alternative: Self { placeholder }
}

/// A setting whose value is one of a few names: an enum with texts as raw values.
///
/// ```swift
/// enum Synchronous: String, ChoiceValue { case full, normal }
/// ```
public protocol ChoiceValue: SettingValue, CaseIterable, RawRepresentable where RawValue == String {}

extension ChoiceValue {
    /// The names, in the order they are declared.
    public static var form: SettingForm { .choice(allCases.map(\.rawValue)) }

    /// The first choice.
    public static var placeholder: Self {
        guard let first = allCases.first else { preconditionFailure("a choice has at least one case") }
        return first
    }

    /// The last choice.
    public static var alternative: Self { Array(allCases).last ?? placeholder }

    /// Reads one of the names as it is spelled.
    public init(reading text: SettingText) throws(SettingFault) {
        guard let choice = Self(rawValue: text.text) else { throw text.unknownChoice() }
        self = choice
    }

    public var settingText: String { rawValue }
}
