extension SettingDescription {
    /// What operators call the type: `whole number, 1...65535`, `list of text`.
    package var typeName: String {
        switch shape {
        case .value(let form): form.nameWithRange
        case .list(let form, _): "list of " + form.nameWithRange
        case .map(let form): "map of " + form.nameWithRange
        case .lists(_, let form): "map of lists of " + form.nameWithRange
        case .section: "section"
        case .sections: "list of sections"
        case .instances: "sections by name"
        case .plugins(let section): section.isList ? "list of plugins" : "plugins by name"
        }
    }

    /// The settings of a section, of each element or of each instance; `nil` where the setting is none of these.
    package var nested: [SettingDescription]? {
        switch shape {
        case .section(let settings), .sections(let settings), .instances(let settings): settings
        case .value, .list, .map, .lists, .plugins: nil
        }
    }

    /// The form of the setting's values; `nil` where it holds settings.
    var form: SettingForm? {
        switch shape {
        case .value(let form), .list(let form, _), .map(let form), .lists(_, let form): form
        case .section, .sections, .instances, .plugins: nil
        }
    }

    /// Whether the setting is a secret.
    package var isSecret: Bool { form?.kind == .secret }

    /// Whether a value of the setting holds no password, whatever it is.
    package var isRevealable: Bool { form.map { !$0.hides("@") } ?? true }
}

extension SettingForm {
    var nameWithRange: String { range.map { "\(name), \($0)" } ?? name }
}

extension [SettingDescription] {
    /// Names of every environment variable that a setting reads, also below others.
    var variableNames: Set<String> {
        reduce(into: []) { names, setting in
            names.formUnion(setting.environment?.names ?? [])
            names.formUnion(setting.nested?.variableNames ?? [])
            guard case .plugins(let section) = setting.shape else { return }
            for plugin in section.plugins { names.formUnion(plugin.settings.variableNames) }
        }
    }
}
