extension ProfilePlanner {
    /// Says of one path what it holds, who said so, what that overrode, and what may stand there.
    /// - Parameters:
    ///   - path: Dotted, such as `transport.http.port`.
    ///   - loaded: A configuration without problems.
    /// - Throws: ``UnknownName``.
    package func explain(_ path: String, in loaded: LoadedConfiguration) throws(UnknownName) -> String {
        let root = StandardProfile.completed(loaded.root, description)
        let place = try description.place(at: steps(path, in: root))
        switch place {
        case .profile(let settings):
            return explain("the profile", "Everything that may be set.", settings.map { ($0.key, $0.summary) })
        case .plugin(let plugin):
            return explain(path, plugin.summary, plugin.settings.map { ($0.key, $0.summary) })
        case .setting(let setting):
            if case .plugins(let section) = setting.shape {
                return explain(path, setting.summary, section.plugins.map { ($0.name, $0.summary) })
            }
            if let nested = setting.nested {
                return explain(path, setting.summary, nested.map { ($0.key, $0.summary) })
            }
            let steps = steps(path, in: root)
            let explanation = ValueExplanation(setting, path, steps, root, heeded(in: loaded), PlaceNames(loaded))
            return explanation.text + absence(steps, root, PlaceNames(loaded))
        case .part(let part, let setting, let around, let below):
            let steps = steps(around, in: root)
            let explanation = ValueExplanation(setting, around, steps, root, heeded(in: loaded), PlaceNames(loaded))
            return explanation.part(part, path, below).text + absence(steps, root, PlaceNames(loaded))
        }
    }

    /// The steps of a path, where the name of an instance that the profile has may hold dots.
    private func steps(_ path: String, in root: ConfigurationNode) -> [ConfigurationPath.Step] {
        let section = String(path.prefix { $0 != "." })
        let names = root.child(section)?.value.asSection.entries.map(\.key).filter { $0.contains(".") } ?? []
        let name = names.filter { "\(path).".hasPrefix("\(section).\($0).") }.max { $0.count < $1.count }
        guard let name, description.plugins(in: section) != nil else { return ConfigurationPath.steps(path) }
        let rest = path.dropFirst(section.count + name.count + 2)
        return [.key(section), .key(name)] + (rest.isEmpty ? [] : ConfigurationPath.steps(String(rest)))
    }

    /// That the profile does not pick the plugin whose setting is explained; empty where it does.
    private func absence(
        _ steps: [ConfigurationPath.Step], _ root: ConfigurationNode, _ names: PlaceNames
    ) -> String {
        guard case .key(let section) = steps[0], let plugins = description.plugins(in: section), !plugins.isList,
            case .key(let name) = steps[1], !PluginSelection(root, description).names(in: section).contains(name)
        else { return "" }
        let value = root.descendant(steps[..<2])?.asSection
        let reason = value?.scalarText.map { "; it is \($0) at \(names.text(value?.origin ?? .standard))" } ?? ""
        return "  not in use: the profile has no \(section).\(name)\(reason)\n"
    }

    private func explain(_ path: String, _ summary: String, _ members: [(key: String, summary: String)]) -> String {
        guard !members.isEmpty else { return "\(path)\n  \(summary)\n  Nothing can be set here.\n" }
        let width = members.map(\.key.count).max() ?? 0
        let lines = members.map { "  " + $0.key.padded(to: width) + "  " + $0.summary + "\n" }
        return "\(path)\n  \(summary)\n\n" + lines.joined()
    }
}

/// What there is to say of a setting that holds a value.
private struct ValueExplanation {
    private var setting: SettingDescription
    private var path: String
    private let names: PlaceNames
    /// What counts, the highest layer first; without the declared default.
    private var layers: [ConfigurationNode]
    /// Of the setting's variables, where they count.
    private var warnings: [VariableWarning] = []

    /// - Parameter heeded: What counts of the environment, and what was said of the rest.
    init(
        _ setting: SettingDescription, _ path: String, _ steps: [ConfigurationPath.Step], _ root: ConfigurationNode,
        _ heeded: (environment: [String: String], warnings: [VariableWarning]), _ names: PlaceNames
    ) {
        (self.setting, self.path, self.names) = (setting, path, names)
        let said = root.descendant(steps[...])
        let around = root.descendant(steps.dropLast(2))?.asSection.entries ?? []
        let environment = heeded.environment
        let section = ConfigurationSection(path: "", origin: .standard, entries: around, environment: environment)
        let isNested = steps.count > 3
        let given = isNested ? section.givenKeys : []
        let variable = ConfigurationSection(
            path: "", origin: .standard, entries: [], environment: environment, given: given
        ).node(setting.key, environment: setting.environment)
        let isMerged = said.map { setting.environment?.adds(to: $0) == true } ?? false
        let node = said.map { setting.environment?.node(in: environment, under: $0) ?? $0 }
        layers = (node.map { [$0] + $0.overridden } ?? []) + (isMerged ? [] : variable.map { [$0] } ?? [])
        guard node == nil || isMerged, !given.contains(setting.key), let variables = setting.environment else { return }
        warnings = heeded.warnings.filter { variables.names.contains($0.name) }
    }

    /// The same of one element or entry of the value. A list or map that is given leaves nothing of the default.
    func part(_ part: SettingDescription, _ path: String, _ steps: [ConfigurationPath.Step]) -> ValueExplanation {
        var explanation = self
        (explanation.setting, explanation.path) = (part, path)
        let node = winner?.descendant(steps[...])
        explanation.layers = node.map { [$0] + $0.overridden } ?? []
        if winner == nil, let standard = setting.standardNode?.descendant(steps[...]) {
            explanation.setting.presence = .standard(standard.scalarText ?? part.text(of: standard))
        }
        return explanation
    }

    /// What the profile or the environment gives; `nil` where the default holds.
    private var winner: ConfigurationNode? {
        layers.first.flatMap { $0.isNull ? nil : $0.asMapValue }
    }

    var text: String {
        let value = winner.map { setting.text(of: $0) } ?? setting.standardText
        var lines = ["\(path.printable): \(value ?? "not set")"]
        if value != nil { lines.append("  from: \(winner.map(source) ?? "default")") }
        if let reset = layers.first, reset.isNull { lines.append("  reset by: null, from \(names.text(reset.origin))") }
        for layer in layers.dropFirst() {
            lines.append("  overrides: \(overriddenText(layer)), from \(names.text(layer.origin))")
        }
        lines += warnings.map { "  warning: \($0.description.printable)" }
        lines.append("  type: \(setting.typeName)")
        lines.append(
            "  default: \(setting.standardText ?? (setting.presence == .required ? "none, required" : "none"))")
        if let environment = setting.environment { lines.append("  environment: \(environment.text)") }
        lines.append("  \(setting.summary)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where a value stands; where each entry stands of a map that several layers have given.
    private func source(_ value: ConfigurationNode) -> String {
        let isShared = value.entries.contains { $0.value.origin.layer != value.origin.layer }
        guard isShared else { return names.text(value.origin) }
        return value.entries.map { "\(names.text($0.value.origin)) (\($0.key.printable))" }.joined(separator: ", ")
    }

    /// What a profile says where another overrides it is not substituted: it is shown with its `${…}` as written.
    private func overriddenText(_ layer: ConfigurationNode) -> String {
        let text = setting.text(of: layer)
        if case .environment = layer.origin.layer { return text }
        return text.replacing("$$", with: "$")
    }
}

extension ConfigurationNode {
    /// The node at a path below this one, through the sections of all layers.
    fileprivate func descendant(_ steps: ArraySlice<ConfigurationPath.Step>) -> ConfigurationNode? {
        guard let step = steps.first else { return self }
        let below: ConfigurationNode?
        switch step {
        case .key(let key): below = asSection.child(key)?.value
        case .element(let index): below = elements.indices.contains(index) ? elements[index] : nil
        }
        return below?.descendant(steps.dropFirst())
    }
}

extension SettingDescription {
    /// The default as a tree; `nil` where there is none.
    var standardNode: ConfigurationNode? {
        standardText.flatMap { ProfileParser(layer: .standard).parse(Array($0.utf8)).root }
    }
}
