extension SettingDescription {
    /// A value of the setting as one line of YAML, without secrets and passwords.
    func text(of node: ConfigurationNode) -> String {
        form.map { node.flowText($0) } ?? node.hiddenText
    }

    /// A value for samples: the declared one, the default, or one that its form allows.
    var sampleText: String {
        if let example { return YAMLText.scalar(example) }
        if case .standard(let text) = presence { return isFlow ? text : YAMLText.scalar(text) }
        switch shape {
        case .value(let form): return YAMLText.scalar(form.sample)
        case .list, .sections: return "[]"
        case .map, .lists, .section, .instances, .plugins: return "{}"
        }
    }

    /// Whether the default is YAML already.
    private var isFlow: Bool {
        if case .value = shape { false } else { true }
    }

    /// The default as one line of YAML; `nil` where there is none.
    var standardText: String? {
        guard case .standard(let text) = presence else { return nil }
        return isFlow ? text : YAMLText.scalar(text)
    }
}

extension SettingForm {
    /// Some value that can be read.
    fileprivate var sample: String {
        if let bounds { return bounds.lower }
        switch kind {
        case .text: return "text"
        case .integer, .number: return "1"
        case .boolean: return "true"
        case .duration: return "5s"
        case .size: return "64KiB"
        case .url: return "http://localhost:8080"
        case .path: return "file"
        case .secret: return "change-me"
        case .choice(let names): return names.first ?? ""
        }
    }
}

extension ConfigurationNode {
    /// The node as one line of YAML, its scalars being of one form.
    fileprivate func flowText(_ form: SettingForm) -> String {
        switch content {
        case .null: "null"
        case .scalar(let scalar): scalar.text(form)
        case .list(let nodes): "[" + nodes.map { $0.flowText(form) }.joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\(YAMLText.key($0.key)): \($0.value.flowText(form))" }.joined(separator: ", ") + "}"
        }
    }

    /// What the node is, without its values: they may be secrets.
    fileprivate var hiddenText: String {
        if case .scalar = content { "…" } else { kindName }
    }
}

extension ConfigurationNode.Scalar {
    fileprivate func text(_ form: SettingForm) -> String {
        switch form.kind {
        case .secret: "‹secret›"
        case .url: (try? ServiceURL(parsing: text)).map { YAMLText.scalar($0.description) } ?? "…"
        default: form.hides(text) ? "…" : YAMLText.scalar(text.withoutPasswords)
        }
    }
}
