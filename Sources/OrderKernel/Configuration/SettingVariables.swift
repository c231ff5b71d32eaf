/// The variables of the environment that give a setting its value where no profile does.
///
/// A text literal is one variable whose text is read as the setting's type, and refused where it is none. Variables of
/// OpenTelemetry are made by ``openTelemetry(_:as:)``, as those have rules of their own.
public struct SettingVariables: Sendable, Equatable, ExpressibleByStringLiteral {
    /// How the text of a variable becomes a value as a profile would write it.
    @nonexhaustive
    public enum Form: Sendable, Equatable {
        /// As it stands.
        case text
        /// In lower case: a choice whose case does not count.
        case choice
        /// Whole milliseconds without a unit; anything else counts as unset, with a warning.
        case milliseconds
        /// `true` in any case is true, anything else is not; what is not `false` either is told in a warning.
        case boolean
        /// The opposite of ``boolean``.
        case negatedBoolean
        /// A list with commas.
        case list
        /// `key=value` with commas between; keys and values are percent-encoded.
        case pairs
        /// The value of one key of ``pairs``; without it the variable says nothing.
        case pair(String)
    }

    private struct Source: Equatable {
        let name: String
        let form: Form
        /// Names that do not count in a map.
        var ignored: Set<String> = []
    }

    /// The first that is set and not empty counts.
    private let sources: [Source]
    /// Whose `OTEL_*_EXPORTER` variables say together which signals an exporter takes; `nil` for any other setting.
    private let exporter: String?
    /// Whether a text that will not do is told in a warning, and the default holds.
    let isLenient: Bool
    /// Whether the entries of a map stand beside those that a profile gives, which count more.
    private(set) var isMerged = false

    public init(stringLiteral name: String) {
        self.init([Source(name: name, form: .text)], isLenient: false)
    }

    private init(_ sources: [Source], isLenient: Bool, exporter: String? = nil) {
        self.sources = sources
        self.isLenient = isLenient
        self.exporter = exporter
    }

    /// Variables as OpenTelemetry's specification has them: one that will not do is told in a warning, and the default
    /// holds.
    /// - Parameter names: The first that is set and not empty counts.
    public static func openTelemetry(_ names: String..., as form: Form = .text) -> SettingVariables {
        SettingVariables(names.map { Source(name: $0, form: form) }, isLenient: true)
    }

    /// These variables, or else those.
    public func or(_ others: SettingVariables) -> SettingVariables {
        SettingVariables(sources + others.sources, isLenient: isLenient)
    }

    /// Which signals go to an exporter, as a list: all but those whose variable names other exporters only.
    /// - Parameter exporter: As the variables call it: `otlp`.
    static func signals(of exporter: String) -> SettingVariables {
        let sources = NamingVariables.exporters.map { Source(name: $0, form: .list) }
        return SettingVariables(sources, isLenient: true, exporter: exporter)
    }

    /// What the service is, without what a profile cannot say there either.
    static var resourceAttributes: SettingVariables {
        let ignored = TelemetryResource.reserved
        let source = Source(name: "OTEL_RESOURCE_ATTRIBUTES", form: .pairs, ignored: ignored)
        var variables = SettingVariables([source], isLenient: true)
        variables.isMerged = true
        return variables
    }

    /// The names of the variables.
    package var names: [String] { sources.map(\.name) }

    /// The names for people.
    package var text: String { names.joined(separator: exporter == nil ? ", or else " : ", ") }

    /// What the environment says; `nil` where it says nothing.
    func node(in environment: [String: String]) -> ConfigurationNode? {
        if let exporter { return signals(of: exporter, in: environment) }
        for source in sources {
            guard let text = VariableText(source.name, in: environment), let node = text.node(source.form) else {
                continue
            }
            return node.without(source.ignored)
        }
        return nil
    }

    /// What the environment and a profile say together.
    /// - Parameter said: By the profile.
    func node(in environment: [String: String], under said: ConfigurationNode) -> ConfigurationNode {
        guard adds(to: said), let node = node(in: environment) else { return said }
        return node.merged(under: said)
    }

    /// Whether they count although a profile gives the setting.
    func adds(to said: ConfigurationNode) -> Bool {
        if isMerged, case .map = said.content { true } else { false }
    }

    /// What is wrong with the text of the variable that ``node(in:)`` goes by, or would.
    func warning(in environment: [String: String]) -> VariableWarning? {
        guard exporter == nil else { return nil }
        for source in sources {
            guard let text = VariableText(source.name, in: environment) else { continue }
            if let warning = text.warning(source.form) { return warning }
            if text.node(source.form) != nil { return nil }
        }
        return nil
    }

    private func signals(of exporter: String, in environment: [String: String]) -> ConfigurationNode? {
        let texts = names.map { VariableText($0, in: environment) }
        guard let origin = texts.lazy.compactMap({ $0?.origin }).first else { return nil }
        let signals = zip(["traces", "metrics", "logs"], texts).filter { $1?.names(exporter) != false }
        return ConfigurationNode(
            content: .list(
                signals.map { name, _ in
                    ConfigurationNode(
                        content: .scalar(ConfigurationNode.Scalar(text: name, isPlain: true)), origin: origin)
                }), origin: origin)
    }
}

extension ConfigurationNode {
    /// The node without some entries of its map.
    fileprivate func without(_ keys: Set<String>) -> ConfigurationNode {
        guard !keys.isEmpty, case .map(let entries) = content else { return self }
        var node = self
        node.content = .map(entries.filter { !keys.contains($0.key) })
        return node
    }
}

/// The text of one variable.
private struct VariableText {
    let text: String
    let name: String

    /// `nil` for a variable that is not set, or empty.
    init?(_ name: String, in environment: [String: String]) {
        guard let text = environment[name], !text.isEmpty else { return nil }
        self.text = text
        self.name = name
    }

    var origin: ConfigurationOrigin { ConfigurationOrigin(.environment(name)) }

    /// Whether the exporter is among those that are named.
    func names(_ exporter: String) -> Bool { NamingVariables.words(text).contains(exporter) }

    /// - Returns: `nil` where the text says nothing of the matter.
    func node(_ form: SettingVariables.Form) -> ConfigurationNode? {
        switch form {
        case .text: scalar(text)
        case .choice: scalar(text[...].trimmed.lowercased())
        case .milliseconds: isNumber ? scalar(text[...].trimmed + "ms") : nil
        case .boolean: scalar(isTrue ? "true" : "false")
        case .negatedBoolean: scalar(isTrue ? "false" : "true")
        case .list: ConfigurationNode(content: .list(words.map { scalar(String($0)) }), origin: origin)
        case .pairs: pairs
        case .pair(let key):
            pairs?.entries.first { $0.key == key && $0.value.scalarText != "" }?.value
        }
    }

    /// What is wrong with the text, where ``node(_:)`` does not say so.
    func warning(_ form: SettingVariables.Form) -> VariableWarning? {
        switch form {
        case .milliseconds where !isNumber:
            return VariableWarning(name: name, text: text, problem: "is no whole number of milliseconds")
        case .boolean, .negatedBoolean:
            if ["true", "false", ""].contains(text[...].trimmed.lowercased()) { return nil }
            return VariableWarning(
                name: name, text: text, problem: "is neither true nor false", effect: .countsAsFalse)
        case .pairs: return pairFault.map { VariableWarning(name: name, text: text, problem: $0) }
        default: return nil
        }
    }

    private var isNumber: Bool {
        let digits = text[...].trimmed.utf8
        return !digits.isEmpty && digits.allSatisfy { 0x30...0x39 ~= $0 }
    }

    private var isTrue: Bool { text[...].trimmed.lowercased() == "true" }

    private var words: [Substring] {
        text.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
    }

    /// A map; `nil` where any part of it cannot be read.
    private var pairs: ConfigurationNode? {
        var entries: [ConfigurationNode.Entry] = []
        for word in words {
            guard let pair = try? VariablePair(word) else { return nil }
            entries.removeAll { $0.key == pair.name }
            entries.append(ConfigurationNode.Entry(key: pair.name, keyOrigin: origin, value: scalar(pair.value)))
        }
        return ConfigurationNode(content: .map(entries), origin: origin)
    }

    /// Which part of a map cannot be read, and why; it may be a secret, and is not repeated.
    private var pairFault: String? {
        for (index, word) in words.enumerated() {
            do throws(VariablePair.Fault) { _ = try VariablePair(word) } catch {
                return "its member \(index + 1) \(error.rawValue)"
            }
        }
        return nil
    }

    private func scalar(_ text: String) -> ConfigurationNode {
        let scalar = ConfigurationNode.Scalar(text: text, isPlain: true, substituted: [name])
        return ConfigurationNode(content: .scalar(scalar), origin: origin)
    }
}

/// `name=value`, each of them percent-encoded.
private struct VariablePair {
    enum Fault: String, Error {
        case noEqualsSign = "has no '='"
        case noName = "has no name before its '='"
        case encoding = "has a '%' that cannot be decoded"
    }

    let name: String
    let value: String

    init(_ text: Substring) throws(Fault) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .noEqualsSign }
        guard let name = PercentEncoding.decoded(parts[0].trimmed),
            let value = PercentEncoding.decoded(parts[1].trimmed)
        else { throw .encoding }
        guard !name.isEmpty else { throw .noName }
        self.name = name
        self.value = value
    }
}
