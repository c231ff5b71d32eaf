/// Finds keys that no setting has, in every layer of a merged profile.
struct KeyCheck {
    private struct Place: Hashable {
        var origin: ConfigurationOrigin
        var path: String
    }

    /// Bytes of paths and messages beyond which no problem is told: a hostile profile could ask for gigabytes.
    private static let mostBytes = 1 << 20

    private let places: KeyPlaces
    /// What a key at the top is that no setting has.
    private let top: String
    private(set) var problems: [ConfigurationProblem] = []
    /// The instance of a plugin that was last come to.
    private var instance: (path: String, advice: String)?
    /// A key may be met both in a map of its own layer and in one merged of several.
    private var reported: Set<Place> = []
    /// Bytes of all paths and messages.
    private var size = 0
    private var hasToldAll: Bool { size > Self.mostBytes }

    init(places: KeyPlaces, top: String = "no section of a profile") {
        self.places = places
        self.top = top
    }

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
                let path = ConfigurationPath.key(entry.key, in: path)
                instance = (path, "what stands here is on; '\(entry.key): false' leaves it out")
                check(entry.value, against: plugin.settings, path: path)
            } else {
                reportPlugin(entry, of: section, in: path)
            }
        }
    }

    private mutating func report(_ entry: ConfigurationNode.Entry, in path: String, among keys: [String]) {
        let meant = OtherNames.meaning(of: entry.key, among: keys)
        let isSwitch = path == instance?.path && ["enabled", "enable", "disabled"].contains(entry.key)
        if meant == nil, !isSwitch, let place = places.text(for: entry.key, otherThan: path) {
            // A name that several sections have is as likely to be short for one of this: `timeout` for `busy_timeout`.
            let longer = place.path == nil ? keys.filter { $0.hasSuffix("_\(entry.key)") } : []
            let meant = longer.map { "'\($0)'" }.joined(separator: " or ")
            let hint = longer.isEmpty ? "" : ", or did you mean \(meant)?"
            add(.misplacedKey, entry, path, "belongs to \(place.text)\(hint)", suggestion: place.path ?? longer.first)
            return
        }
        let section = (path.isEmpty ? top : "no setting of \(path)") + foreign(in: entry)
        let suggestion =
            meant ?? DidYouMean.closest(to: entry.key, among: keys) ?? DidYouMean.closest(to: entry.name, among: keys)
        let hint =
            KeyMistake(entry.key, among: keys)?.advice ?? suggestion.map { "did you mean '\($0)'?" }
            ?? (isSwitch ? instance?.advice : cutName(entry, in: path))
        let known = keys.isEmpty ? "" : "; there are \(keys.joined(separator: ", "))"
        add(.unknownKey, entry, path, "is \(section)\(hint.map { "; \($0)" } ?? known)", suggestion: suggestion)
    }

    /// Which character of a key only looks like one that keys have; empty where none does.
    private func foreign(in entry: ConfigurationNode.Entry) -> String {
        let foreign = entry.shownName.unicodeScalars.first { !$0.isASCII }
        return foreign.map { "; the key holds \($0.codePoint), which is not ASCII" } ?? ""
    }

    /// What to write where a `--set` was cut within the name of an instance, such as `http/a.b`.
    private func cutName(_ entry: ConfigurationNode.Entry, in path: String) -> String? {
        guard case .map = entry.value.content, case .set = entry.keyOrigin.layer, path.contains("/"),
            let dot = path.firstIndex(of: ".")
        else { return nil }
        let (section, name) = (path[..<dot], path[path.index(after: dot)...])
        guard !name.contains(".") else { return nil }
        return "a name with dots stands in braces: --set '\(section)={\(name).\(entry.key): {…}}'"
    }

    private mutating func reportPlugin(
        _ entry: ConfigurationNode.Entry, of section: PluginSection, in path: String
    ) {
        let name = String(entry.key.prefix { $0 != "/" })
        let names = section.plugins.map(\.name)
        let meant = OtherNames.meaning(of: name, among: names)
        if meant == nil, let place = places.text(for: name, otherThan: path) {
            add(.misplacedKey, entry, path, "belongs to \(place.text)", suggestion: place.path)
            return
        }
        let known = (names.isEmpty ? "none" : names.joined(separator: ", ")) + foreign(in: entry)
        let suggestion = meant ?? DidYouMean.closest(to: name, among: names)
        let hint = KeyMistake(entry.key, among: names)?.advice
        let advice = (hint ?? suggestion.map { "did you mean '\($0)'?" }).map { "; " + $0 } ?? ""
        add(
            .unknownPlugin, entry, path, "is no \(section.kind) of this program, which has \(known)\(advice)",
            suggestion: suggestion)
    }

    private mutating func reportNameless(
        _ entry: ConfigurationNode.Entry, _ plugin: PluginEntry, in path: String
    ) {
        add(
            .unknownPlugin, entry, path,
            "has no name after its slash; write '\(plugin.name)', or '\(plugin.name)/NAME'",
            suggestion: plugin.name)
    }

    private mutating func add(
        _ code: ConfigurationProblem.Code, _ entry: ConfigurationNode.Entry, _ path: String, _ message: String,
        suggestion: String?
    ) {
        // What hangs on the key without a space, or without a colon, may be a secret.
        let path = ConfigurationPath.key(entry.shownName, in: path)
        for origin in [entry.keyOrigin] + entry.lowerKeyOrigins
        where !hasToldAll && reported.insert(Place(origin: origin, path: path)).inserted {
            size += path.utf8.count + message.utf8.count
            let more = hasToldAll ? "; what else may be wrong with keys is not told" : ""
            problems.append(
                ConfigurationProblem(
                    code: code, origin: origin, path: path, message: message + more, suggestion: suggestion))
        }
    }
}

extension ConfigurationNode {
    /// The entries of the node's own map, and of each map that it replaced.
    fileprivate var layeredMaps: [[Entry]] { ([self] + overridden).map(\.entries) }

    /// The elements of the node's own list, and of each list that it replaced, with their indices there.
    fileprivate var layeredElements: [(Int, ConfigurationNode)] {
        ([self] + overridden).flatMap { $0.elements.enumerated().map { ($0, $1) } }
    }
}
