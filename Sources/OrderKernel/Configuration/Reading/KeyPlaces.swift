/// Where each key of a profile belongs.
struct KeyPlaces {
    private var sections: [String: [String]] = [:]

    /// Knows no place, as for a configuration on its own.
    init() {}

    init(_ settings: [SettingDescription]) { add(settings, path: "") }

    /// The one place, or the places in words, where a key belongs; `nil` where it belongs nowhere else.
    func text(for key: String, otherThan path: String) -> (text: String, path: String?)? {
        let places = (sections[key] ?? []).filter { $0 != path }
        guard let first = places.first else { return nil }
        let names = places.prefix(3).map { $0.isEmpty ? "the top level" : $0 }
        let suggestion = places.count == 1 ? ConfigurationPath.key(key, in: first) : nil
        return (names.joined(separator: " or "), suggestion)
    }

    private mutating func add(_ settings: [SettingDescription], path: String) {
        for setting in settings {
            sections[setting.key, default: []].append(path)
            let below = ConfigurationPath.key(setting.key, in: path)
            if case .plugins(let section) = setting.shape {
                for plugin in section.plugins {
                    sections[plugin.name, default: []].append(below)
                    add(plugin.settings, path: ConfigurationPath.key(plugin.name, in: below))
                }
            } else if case .section(let settings) = setting.shape {
                add(settings, path: below)
            }
        }
    }
}
