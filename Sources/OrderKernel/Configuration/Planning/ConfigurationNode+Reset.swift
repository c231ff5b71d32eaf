extension ConfigurationNode {
    /// Dotted paths of what no setting reads, though it is not replaced: maps, and entries of maps, below a null.
    func reset(_ settings: [SettingDescription], path: String) -> [String] {
        let section = asSection
        return settings.flatMap { setting in
            section.child(setting.key)?.value.reset(setting.shape, path: ConfigurationPath.key(setting.key, in: path))
                ?? []
        }
    }

    private func reset(_ shape: SettingDescription.Shape, path: String) -> [String] {
        switch shape {
        case .value, .list: return []
        case .map, .lists:
            if isNull { return [path] }
            let kept = Set(asMapValue.entries.map(\.key))
            return entries.filter { !kept.contains($0.key) }.map { ConfigurationPath.key($0.key, in: path) }
        case .section(let settings): return reset(settings, path: path)
        case .sections(let settings):
            return elements.enumerated().flatMap { index, element in
                element.reset(settings, path: ConfigurationPath.element(index, in: path))
            }
        case .instances(let settings): return resetInstances(path) { _ in settings }
        case .plugins(let section) where section.isList:
            return elements.enumerated().flatMap { index, element in
                let path = ConfigurationPath.element(index, in: path)
                return element.resetInstances(path) { section.plugin(of: $0)?.settings ?? [] }
            }
        case .plugins(let section): return resetInstances(path) { section.plugin(of: $0)?.settings ?? [] }
        }
    }

    private func resetInstances(_ path: String, settings: (String) -> [SettingDescription]) -> [String] {
        asSection.entries.flatMap { entry in
            entry.value.reset(settings(entry.key), path: ConfigurationPath.key(entry.key, in: path))
        }
    }
}
