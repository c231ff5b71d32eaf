/// What of a profile may be shown, and what might be a secret.
extension ProfilePlanner {
    /// Whether an excerpt may show the value at a path: the setting is known, and neither a secret nor a URL or
    /// address, which may hold a password.
    package func mayShowValue(at path: [ConfigurationPath.Step]) -> Bool {
        switch try? description.place(at: path) {
        case .setting(let setting), .part(let setting, _, _, _): setting.isRevealable
        case .profile, .plugin, nil: false
        }
    }

    /// Which values of a profile an excerpt may show.
    package var secrecy: ExcerptSecrecy {
        ExcerptSecrecy(
            isRevealable: { mayShowValue(at: $0) }, holdsNames: { holdsNames(at: $0) }, secretKeys: secretKeys)
    }

    private func holdsNames(at path: [ConfigurationPath.Step]) -> Bool {
        isPlace(path) && !hidesValue(at: path)
    }

    /// Whether something is known by a path.
    func isPlace(_ path: [ConfigurationPath.Step]) -> Bool { (try? description.place(at: path)) != nil }

    /// Whether a single value belongs at a path, or a list, that no excerpt may show, not even in braces.
    func hidesValue(at path: [ConfigurationPath.Step]) -> Bool {
        switch try? description.place(at: path) {
        case .setting(let setting), .part(let setting, _, _, _):
            switch setting.shape {
            case .value, .list: !setting.isRevealable
            case .map, .lists, .section, .sections, .instances, .plugins: false
            }
        case .profile, .plugin, nil: false
        }
    }

    /// Every key that is a secret of some plugin.
    package var secretKeys: Set<String> {
        func keys(_ settings: [SettingDescription]) -> [String] {
            settings.flatMap { ($0.isSecret ? [$0.key] : []) + keys($0.nested ?? []) }
        }
        return Set(keys(description.sections) + description.plugins.flatMap { keys($0.settings) })
    }
}
