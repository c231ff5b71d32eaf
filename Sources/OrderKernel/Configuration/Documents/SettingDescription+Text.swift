extension SettingDescription {
    /// A value of the setting as one line of YAML, without secrets and passwords. Of a value of another kind only that
    /// is said: what a higher layer replaces may be anything.
    func text(of node: ConfigurationNode) -> String {
        guard let form, isHeld(node) else { return node.hiddenText }
        return node.flowText(form)
    }

    /// Whether a node is of the kind that the setting holds.
    private func isHeld(_ node: ConfigurationNode) -> Bool {
        func isList(_ node: ConfigurationNode) -> Bool { node.isList && node.elements.allSatisfy(\.isSingle) }
        if node.isNull { return true }
        return switch shape {
        case .value: node.isSingle
        case .list: isList(node)
        case .map: node.isMap && node.entries.allSatisfy(\.value.isSingle)
        case .lists: node.isMap && node.entries.allSatisfy { $0.value.isNull || isList($0.value) }
        case .section, .sections, .instances, .plugins: false
        }
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

    fileprivate var isSingle: Bool {
        switch content {
        case .null, .scalar: true
        case .list, .map: false
        }
    }

    fileprivate var isList: Bool { if case .list = content { true } else { false } }

    fileprivate var isMap: Bool { if case .map = content { true } else { false } }

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
