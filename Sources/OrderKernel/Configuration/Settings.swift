/// Where a ``PluginConfiguration`` finds its settings.
///
/// The same calls serve two passes. *Describe* learns keys, types, defaults, ranges and summaries, and answers with
/// placeholders. *Read* answers with what the profile says, and gathers every problem on the way: a faulty or missing
/// setting is answered with its default, its range's lower bound or a placeholder, and the configuration is dropped.
///
/// Keys are `lower_snake_case`, summaries sentences for operators. A setting with an `environment` takes its value from
/// that variable where no profile gives one.
public struct Settings {
    enum Pass {
        case describe(SettingAnswers)
        case read(ConfigurationSection)
    }

    let pass: Pass
    private(set) var described: [SettingDescription] = []
    /// What is wrong with the declaration itself, whatever a profile says.
    var mistakes: [DeclarationMistake] = []
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var claims: [ResourceClaim] = []
    /// Variables that will not do, where the default holds instead.
    var warnings: [VariableWarning] = []
    private(set) var idle: [IdleSetting] = []
    /// Keys whose value is not the profile's, as that is faulty, missing or made up.
    private var unsure: Set<String> = []

    init(describing answers: SettingAnswers) { pass = .describe(answers) }

    init(reading section: ConfigurationSection) { pass = .read(section) }

    /// A setting that has a default.
    public mutating func value<V: SettingValue>(
        _ key: String, default: V, _ summary: String, environment: SettingVariables? = nil
    ) -> V {
        describe(key, summary, .value(V.form), .standard(`default`.settingText), environment)
        if case .describe(let answers) = pass { return answers.value(V.self) }
        return read(key, V.form, environment) ?? `default`
    }

    /// A setting that has a default and a range.
    public mutating func value<V: SettingValue & Comparable>(
        _ key: String, default: V, _ summary: String, in range: ClosedRange<V>, environment: SettingVariables? = nil
    ) -> V {
        let form = V.form.bounded(range)
        if !range.contains(`default`) {
            let message = "has the default \(`default`.settingText), which is outside \(form.range ?? "its range")"
            mistakes.append(DeclarationMistake(path: key, message: message))
        }
        describe(key, summary, .value(form), .standard(`default`.settingText), environment)
        if case .describe(let answers) = pass { return answers.value(in: range) }
        return read(key, form, environment, fits: range.contains) ?? `default`
    }

    /// A setting that the profile must give.
    /// - Parameter example: A value as a profile would write it, for samples.
    public mutating func required<V: SettingValue>(
        _ key: String, _ summary: String, environment: SettingVariables? = nil, example: String? = nil
    ) -> V {
        describe(key, summary, .value(V.form), .required, environment, example)
        if case .describe(let answers) = pass { return answers.value(V.self) }
        return read(key, V.form, environment, isRequired: true) ?? .placeholder
    }

    /// A setting that the profile must give, within a range.
    /// - Parameter example: A value as a profile would write it, for samples.
    public mutating func required<V: SettingValue & Comparable>(
        _ key: String, _ summary: String, in range: ClosedRange<V>, environment: SettingVariables? = nil,
        example: String? = nil
    ) -> V {
        let form = V.form.bounded(range)
        describe(key, summary, .value(form), .required, environment, example)
        if case .describe(let answers) = pass { return answers.value(in: range) }
        return read(key, form, environment, isRequired: true, fits: range.contains) ?? range.lowerBound
    }

    /// A setting that may be absent.
    /// - Parameter example: A value as a profile would write it, for samples.
    public mutating func optional<V: SettingValue>(
        _ key: String, _ summary: String, environment: SettingVariables? = nil, example: String? = nil
    ) -> V? {
        describe(key, summary, .value(V.form), .optional, environment, example)
        if case .describe(let answers) = pass { return answers == .least ? nil : answers.value(V.self) }
        return read(key, V.form, environment)
    }

    /// A setting that may be absent, within a range where it is given.
    public mutating func optional<V: SettingValue & Comparable>(
        _ key: String, _ summary: String, in range: ClosedRange<V>, environment: SettingVariables? = nil
    ) -> V? {
        let form = V.form.bounded(range)
        describe(key, summary, .value(form), .optional, environment)
        if case .describe(let answers) = pass { return answers == .least ? nil : answers.value(in: range) }
        return read(key, form, environment, fits: range.contains)
    }

    /// A rule across settings. `holds` is not asked while describing, nor when one of the named settings is faulty.
    /// A key with a dot names a setting of a section: `traces.client_key`.
    ///
    /// - Parameter message: What is wrong, as a sentence about the first key: `is greater than high`.
    public mutating func check(_ keys: String..., holds: @autoclosure () -> Bool, _ message: String) {
        requireDeclared(keys, "is checked")
        guard isKnown(keys), !holds() else { return }
        reportFault(message, in: keys)
    }

    /// A rule for one setting, by a function that knows what is wrong. It is called as ``check(_:holds:_:)`` calls its.
    ///
    /// - Parameter fault: What is wrong, as a sentence about the key, or `nil` where nothing is wrong.
    public mutating func check(_ key: String, fault: @autoclosure () -> String?) {
        requireDeclared([key], "is checked")
        guard isKnown([key]), let fault = fault() else { return }
        reportFault(fault, in: [key])
    }

    /// Tells the operator of a setting that has no effect, though a profile or a variable gives it. It is no mistake, and
    /// the service starts. The function is called as ``check(_:fault:)`` calls its.
    ///
    /// - Parameter reason: Why, and what to do; `nil` where the setting has an effect, or says what holds anyway.
    public mutating func checkEffect(_ key: String, isNone reason: @autoclosure () -> String?) {
        requireDeclared([key], "is checked")
        guard isKnown([key]), case .read(let section) = pass, let node = node(key, in: section), !node.isNull,
            let reason = reason()
        else { return }
        idle.append(IdleSetting(path: section.path(of: key), origin: node.origin, reason: reason))
    }

    /// A rule for each name in a map that the profile gives. What a variable says besides is let pass.
    ///
    /// - Parameter fault: What is wrong, as a sentence about the name, or `nil` where nothing is wrong.
    mutating func checkNames(_ key: String, fault: (String) -> String?) {
        guard isKnown([key]), case .read(let section) = pass, let node = section.entry(key)?.value else { return }
        for entry in node.asMapValue.entries where !entry.value.isNull {
            guard let fault = fault(entry.key) else { continue }
            unsure.insert(key)
            problems.append(
                ConfigurationProblem(
                    code: .checkFailed, origin: entry.keyOrigin,
                    path: ConfigurationPath.key(entry.key, in: section.path(of: key)), message: fault))
        }
    }

    private mutating func requireDeclared(_ keys: [String], _ use: String) {
        for key in keys where declared(key) == nil {
            mistakes.append(DeclarationMistake(path: key, message: "\(use), but not declared before"))
        }
    }

    /// Whether the values are a profile's own, and without fault.
    private func isKnown(_ keys: [String]) -> Bool {
        guard case .read = pass else { return false }
        return unsure.isDisjoint(with: keys.map(Self.own))
    }

    /// The setting's own key that a key with dots begins with.
    private static func own(_ key: String) -> String { String(key.prefix { $0 != "." }) }

    private mutating func reportFault(_ message: String, in keys: [String]) {
        guard case .read(let section) = pass, let first = keys.first else { return }
        let origins = keys.map { node($0, in: section)?.origin }
        // The place of a value that no profile gives is its variable.
        let subject = if case .environment(let name)? = origins[0]?.layer { "the value of ${\(name)} " } else { "" }
        for (key, origin) in zip(keys, origins) {
            guard let setting = declared(key), setting.environment?.isLenient == true,
                let form = setting.form, case .environment(let name)? = origin?.layer
            else { continue }
            warn(name, form, (key == first ? subject : section.path(of: first) + " ") + message, in: section)
            return
        }
        report(.checkFailed, at: origins.lazy.compactMap(\.self).first ?? section.origin, key: first, subject + message)
    }

    /// Says what this instance needs for itself alone, and which setting says so: two settings never share it.
    public mutating func needs(_ resource: ExclusiveResource, for key: String) {
        requireDeclared([key], "is said to need something")
        guard case .read(let section) = pass, !unsure.contains(key) else { return }
        let node = node(key, in: section)
        claims.append(
            ResourceClaim(
                resource: resource, origin: node?.origin ?? section.origin, path: section.path(of: key),
                instance: section.path, substituted: node?.substituted ?? []))
    }

    /// Says what this instance needs for itself alone, whatever its settings.
    public mutating func needs(_ resource: ExclusiveResource) {
        guard case .read(let section) = pass else { return }
        claims.append(
            ResourceClaim(resource: resource, origin: section.origin, path: section.path, instance: section.path))
    }

    mutating func describe(
        _ key: String, _ summary: String, _ shape: SettingDescription.Shape, _ presence: SettingDescription.Presence,
        _ environment: SettingVariables? = nil, _ example: String? = nil
    ) {
        guard !described.contains(where: { $0.key == key }) else {
            mistakes.append(DeclarationMistake(path: key, message: "is declared twice"))
            return
        }
        if summary.contains(where: \.isNewline) {
            mistakes.append(DeclarationMistake(path: key, message: "has a summary of more than one line"))
        }
        described.append(
            SettingDescription(
                key: key, summary: summary, shape: shape, presence: presence, environment: environment,
                example: example))
    }

    private mutating func read<V: SettingValue>(
        _ key: String, _ form: SettingForm, _ environment: SettingVariables?, isRequired: Bool = false,
        fits: (V) -> Bool = { _ in true }
    ) -> V? {
        guard case .read(let section) = pass else { return nil }
        guard let node = lookUp(key, environment, in: section) else {
            if isRequired { reportMissing(key, form, environment, in: section) }
            return nil
        }
        var reader = NodeReader()
        let value: V? = reader.value(node, section.path(of: key), form, fits: fits)
        if forgives(reader, node, environment, form) {
            if isRequired { reportMissing(key, form, environment, in: section) }
            return nil
        }
        absorb(reader, key)
        return value
    }

    /// What the profile or a variable says of a setting. What is wrong with the form of a variable is told on the way.
    mutating func lookUp(
        _ key: String, _ environment: SettingVariables?, in section: ConfigurationSection
    ) -> ConfigurationNode? {
        if var warning = section.warning(key, environment: environment) {
            let form = described.first { $0.key == key }?.form
            if form?.hides(warning.text) == true { warning.text = "…" }
            warnings.append(warning)
        }
        return section.node(key, environment: environment)
    }

    private mutating func reportMissing(
        _ key: String, _ form: SettingForm, _ environment: SettingVariables?, in section: ConfigurationSection
    ) {
        guard environment == nil || !section.isWithoutEnvironment else {
            unsure.insert(key)
            return
        }
        let variable = environment.map { ", here or as the environment variable \($0.text)" } ?? ""
        report(.missing, at: section.origin, key: key, "is missing: \(form.expected) is required\(variable)")
    }

    private mutating func report(
        _ code: ConfigurationProblem.Code, at origin: ConfigurationOrigin, key: String, _ message: String
    ) {
        guard case .read(let section) = pass else { return }
        unsure.insert(Self.own(key))
        problems.append(
            ConfigurationProblem(code: code, origin: origin, path: section.path(of: key), message: message))
    }

    /// Whether what was found wrong with a variable is told in a warning, and the default holds.
    mutating func forgives(
        _ reader: NodeReader, _ node: ConfigurationNode, _ variables: SettingVariables?, _ form: SettingForm
    ) -> Bool {
        guard case .read(let section) = pass, let variables, variables.isLenient,
            case .environment(let name) = node.origin.layer, let problem = reader.problems.first
        else { return false }
        warn(name, form, problem.message, in: section)
        return true
    }

    private mutating func warn(
        _ variable: String, _ form: SettingForm, _ problem: String, in section: ConfigurationSection
    ) {
        let text = section.environment[variable, default: ""]
        warnings.append(VariableWarning(name: variable, text: form.hides(text) ? "…" : text, problem: problem))
    }

    /// Takes over what was found wrong with one setting.
    mutating func absorb(_ reader: NodeReader, _ key: String) {
        problems += reader.problems
        if !reader.isSure { unsure.insert(key) }
    }

    /// Takes over what a section below found.
    mutating func absorb(_ settings: Settings, _ key: String) {
        problems += settings.problems
        claims += settings.claims
        warnings += settings.warnings
        idle += settings.idle
        if !settings.problems.isEmpty || !settings.unsure.isEmpty { unsure.insert(key) }
    }
}

extension ConfigurationNode {
    /// Names of the `${…}` that the value came from.
    fileprivate var substituted: [String] {
        if case .scalar(let scalar) = content { scalar.substituted } else { [] }
    }
}
