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
    /// Configurations that are being described, each a section of the one before.
    let types: [ObjectIdentifier]
    private(set) var described: [SettingDescription] = []
    /// What is wrong with the declaration itself, whatever a profile says.
    var mistakes: [DeclarationMistake] = []
    var problems: [ConfigurationProblem] = []
    private(set) var claims: [ResourceClaim] = []
    /// Variables that will not do, where the default holds instead.
    var warnings: [VariableWarning] = []
    var idle: [IdleSetting] = []
    /// Keys whose value is not the profile's, as that is faulty, missing or made up.
    var unsure: Set<String> = []

    init(describing answers: SettingAnswers, within types: [ObjectIdentifier]) {
        pass = .describe(answers)
        self.types = types
    }

    init(reading section: ConfigurationSection) {
        pass = .read(section)
        types = []
    }

    /// A setting that has a default.
    public mutating func value<V: SettingValue>(
        _ key: String, default: V, _ summary: String, environment: SettingVariables? = nil
    ) -> V {
        requireWritable([`default`], key)
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
        requireWritable([`default`, range.lowerBound, range.upperBound], key)
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
        requireWritable([range.lowerBound, range.upperBound], key)
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
    /// - Parameter example: A value as a profile would write it, for samples.
    public mutating func optional<V: SettingValue & Comparable>(
        _ key: String, _ summary: String, in range: ClosedRange<V>, environment: SettingVariables? = nil,
        example: String? = nil
    ) -> V? {
        let form = V.form.bounded(range)
        requireWritable([range.lowerBound, range.upperBound], key)
        describe(key, summary, .value(form), .optional, environment, example)
        if case .describe(let answers) = pass { return answers == .least ? nil : answers.value(in: range) }
        return read(key, form, environment, fits: range.contains)
    }

    /// Says what this instance needs for itself alone, and which setting says so: two settings never share it.
    public mutating func needs(_ resource: ExclusiveResource, for key: String) {
        requireDeclared([key], "is said to need something")
        guard case .read(let section) = pass, !unsure.contains(key) else { return }
        let node = node(key, in: section)
        var origin = node?.origin ?? section.origin
        // What an alias or a `<<` brings stands above the section.
        if origin.layer == section.origin.layer { origin = max(origin, section.origin) }
        claims.append(
            ResourceClaim(
                resource: resource, origin: origin, path: section.path(of: key),
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
        for name in environment?.names ?? [] where !name.isVariableName {
            mistakes.append(
                DeclarationMistake(path: key, message: "has the variable '\(name)', which is no name of one"))
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
        let isShutOut = section.entry(key) != nil && environment?.node(in: section.environment) != nil
        let variable = environment.map {
            isShutOut
                ? "; a null in the profile shuts out the environment variable \($0.text)"
                : ", here or as the environment variable \($0.text)"
        }
        report(.missing, at: section.origin, key: key, "is missing: \(form.expected) is required\(variable ?? "")")
    }

    mutating func report(
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

    mutating func warn(
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
