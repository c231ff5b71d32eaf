/// Finds keys that no setting has, in every layer of a merged profile.
struct KeyCheck {
    private struct Place: Hashable {
        var origin: ConfigurationOrigin
        var path: String
    }

    private let places: KeyPlaces
    private(set) var problems: [ConfigurationProblem] = []
    /// A key may be met both in a map of its own layer and in one merged of several.
    private var reported: Set<Place> = []

    init(places: KeyPlaces) { self.places = places }

    /// Checks a section's own keys and all below, also those of values that a higher layer replaced.
    mutating func check(_ node: ConfigurationNode, against settings: [SettingDescription], path: String) {
        for map in node.layeredMaps {
            for entry in map {
                if let setting = settings.first(where: { $0.key == entry.key }) {
                    check(entry.value, against: setting.shape, path: ConfigurationPath.key(entry.key, in: path))
                } else {
                    report(entry, in: path, among: settings.map(\.key))
                }
            }
        }
    }

    private mutating func check(
        _ node: ConfigurationNode, against shape: SettingDescription.Shape, path: String
    ) {
        switch shape {
        case .value, .list, .map, .lists: break
        case .section(let settings):
            check(node, against: settings, path: path)
        case .sections(let settings):
            for (index, element) in node.layeredElements {
                check(element, against: settings, path: ConfigurationPath.element(index, in: path))
            }
        case .instances(let settings):
            for entry in node.layeredMaps.joined() {
                check(entry.value, against: settings, path: ConfigurationPath.key(entry.key, in: path))
            }
        case .plugins(let section) where section.isList:
            for (index, element) in node.layeredElements {
                checkInstances(element, of: section, path: ConfigurationPath.element(index, in: path))
            }
        case .plugins(let section):
            checkInstances(node, of: section, path: path)
        }
    }

    private mutating func checkInstances(_ node: ConfigurationNode, of section: PluginSection, path: String) {
        for entry in node.layeredMaps.joined() {
            if let plugin = section.plugin(of: entry.key) {
                if entry.key.hasSuffix("/") { reportNameless(entry, plugin, in: path) }
                check(entry.value, against: plugin.settings, path: ConfigurationPath.key(entry.key, in: path))
            } else {
                reportPlugin(entry, of: section, in: path)
            }
        }
    }

    private mutating func report(_ entry: ConfigurationNode.Entry, in path: String, among keys: [String]) {
        if let place = places.text(for: entry.key, otherThan: path) {
            add(.misplacedKey, entry, path, "belongs to \(place.text)", suggestion: place.path)
            return
        }
        let section = path.isEmpty ? "no section of a profile" : "no setting of \(path)"
        let suggestion = DidYouMean.closest(to: entry.key, among: keys)
        let known = keys.isEmpty ? "" : "; there are \(keys.joined(separator: ", "))"
        let hint = suggestion.map { "; did you mean '\($0)'?" } ?? known
        add(.unknownKey, entry, path, "is \(section)\(hint)", suggestion: suggestion)
    }

    private mutating func reportPlugin(
        _ entry: ConfigurationNode.Entry, of section: PluginSection, in path: String
    ) {
        let name = String(entry.key.prefix { $0 != "/" })
        if let place = places.text(for: name, otherThan: path) {
            add(.misplacedKey, entry, path, "belongs to \(place.text)", suggestion: place.path)
            return
        }
        let names = section.plugins.map(\.name)
        let known = names.isEmpty ? "none" : names.joined(separator: ", ")
        let suggestion = DidYouMean.closest(to: name, among: names)
        let hint = suggestion.map { "; did you mean '\($0)'?" } ?? ""
        add(
            .unknownPlugin, entry, path, "is no \(section.kind) of this program, which has \(known)\(hint)",
            suggestion: suggestion)
    }

    private mutating func reportNameless(
        _ entry: ConfigurationNode.Entry, _ plugin: PluginEntry, in path: String
    ) {
        add(
            .unknownPlugin, entry, path, "names no instance: something stands after the slash, or there is none",
            suggestion: plugin.name)
    }

    private mutating func add(
        _ code: ConfigurationProblem.Code, _ entry: ConfigurationNode.Entry, _ path: String, _ message: String,
        suggestion: String?
    ) {
        let path = ConfigurationPath.key(entry.key, in: path)
        for origin in [entry.keyOrigin] + entry.lowerKeyOrigins
        where reported.insert(Place(origin: origin, path: path)).inserted {
            problems.append(
                ConfigurationProblem(code: code, origin: origin, path: path, message: message, suggestion: suggestion))
        }
    }
}

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

extension ConfigurationNode {
    /// The entries of the node's own map, and of each map that it replaced.
    fileprivate var layeredMaps: [[Entry]] {
        ([self] + overridden).compactMap { node in
            if case .map(let entries) = node.content { entries } else { nil }
        }
    }

    /// The elements of the node's own list, and of each list that it replaced, with their indices there.
    fileprivate var layeredElements: [(Int, ConfigurationNode)] {
        ([self] + overridden).flatMap { node -> [(Int, ConfigurationNode)] in
            if case .list(let nodes) = node.content { Array(nodes.enumerated()) } else { [] }
        }
    }
}
