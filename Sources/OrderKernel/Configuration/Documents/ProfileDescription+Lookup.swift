/// What a dotted path of a profile names.
enum DescribedPlace {
    case profile([SettingDescription])
    case setting(SettingDescription)
    /// An element of the list, or an entry of the map, that the setting at a path holds, and the steps on from there.
    case part(SettingDescription, of: SettingDescription, at: String, steps: [ConfigurationPath.Step])
    case plugin(PluginEntry)
}

extension ProfileDescription {
    /// Finds what a path names; the empty path names the whole profile.
    func place(at path: String) throws(UnknownName) -> DescribedPlace {
        try place(at: path.isEmpty ? [] : ConfigurationPath.steps(path))
    }

    /// Finds what the steps of a path name, none of which is cut at the dots of its key.
    func place(at steps: [ConfigurationPath.Step]) throws(UnknownName) -> DescribedPlace {
        guard !steps.isEmpty else { return .profile(sections) }
        var search = PlaceSearch(steps, among: sections, places)
        return try search.place(among: sections)
    }
}

/// A walk along a path, down the descriptions.
private struct PlaceSearch {
    private let path: String
    private let sections: [SettingDescription]
    private let places: KeyPlaces
    private var steps: ArraySlice<ConfigurationPath.Step>
    private var walked: [ConfigurationPath.Step] = []

    init(_ steps: [ConfigurationPath.Step], among sections: [SettingDescription], _ places: KeyPlaces) {
        self.path = steps.text
        self.steps = steps[...]
        self.sections = sections
        self.places = places
    }

    mutating func place(among settings: [SettingDescription]) throws(UnknownName) -> DescribedPlace {
        let key = try takeKey(among: settings.map(\.key))
        guard let setting = settings.first(where: { $0.key == key }) else {
            throw unknown(key, among: settings.map(\.key))
        }
        walked.append(.key(key))
        return steps.isEmpty ? .setting(setting) : try place(below: setting)
    }

    private mutating func place(below setting: SettingDescription) throws(UnknownName) -> DescribedPlace {
        switch setting.shape {
        case .section(let settings):
            return try place(among: settings)
        case .sections(let settings):
            try takeElement()
            return steps.isEmpty ? .setting(setting) : try place(among: settings)
        case .instances(let settings):
            walked.append(.key(try takeKey(among: [])))
            return steps.isEmpty ? .setting(setting) : try place(among: settings)
        case .plugins(let section):
            if section.isList { try takeElement() }
            return steps.isEmpty ? .setting(setting) : try place(in: section)
        case .value, .list, .map, .lists:
            guard let (part, steps) = setting.part(at: steps) else {
                throw UnknownName(name: path, suggestion: walked.text)
            }
            return .part(part, of: setting, at: walked.text, steps: steps)
        }
    }

    private mutating func place(in section: PluginSection) throws(UnknownName) -> DescribedPlace {
        let names = section.plugins.map(\.name)
        let name = try takeKey(among: names)
        guard let plugin = section.plugin(of: name) else { throw unknown(name, among: names) }
        walked.append(.key(name))
        return steps.isEmpty ? .plugin(plugin) : try place(among: plugin.settings)
    }

    private mutating func takeKey(among keys: [String]) throws(UnknownName) -> String {
        guard case .key(let key) = steps.popFirst() else { throw unknown("", among: keys) }
        return key
    }

    private mutating func takeElement() throws(UnknownName) {
        guard case .element(let index) = steps.popFirst() else {
            throw UnknownName(name: path, suggestion: walked.text)
        }
        walked.append(.element(index))
    }

    /// Suggests a path that there is: what follows the unknown key is looked up too, and corrected.
    private func unknown(_ key: String, among keys: [String]) -> UnknownName {
        let error = UnknownName(name: path, wanted: key, among: keys)
        let place = places.text(for: key, otherThan: walked.text)
        let near = error.suggestion.map { walked + [.key($0)] }
        guard let known = near ?? place?.path.map(ConfigurationPath.steps) else {
            guard let place else { return error }
            return UnknownName(name: path, wanted: key, among: keys, instead: "\(key) belongs to \(place.text)")
        }
        var search = PlaceSearch(known + steps, among: sections, places)
        do throws(UnknownName) {
            _ = try search.place(among: sections)
            return UnknownName(name: path, suggestion: search.path)
        } catch {
            return UnknownName(name: path, suggestion: error.suggestion ?? known.text)
        }
    }
}

extension SettingDescription {
    /// What stands at a path below a setting with a list or map for its value; the name of an entry may hold dots.
    fileprivate func part(
        at path: ArraySlice<ConfigurationPath.Step>
    ) -> (part: SettingDescription, steps: [ConfigurationPath.Step])? {
        var keys = path
        var element: [ConfigurationPath.Step] = []
        if case .element = keys.last { element = [keys.removeLast()] }
        let names = keys.compactMap { if case .key(let key) = $0 { key } else { nil } }
        guard names.count == keys.count else { return nil }
        let entry: [ConfigurationPath.Step] = names.isEmpty ? [] : [.key(names.joined(separator: "."))]
        var part = self
        part.presence = .optional
        part.environment = nil
        switch (shape, keys.isEmpty, element.isEmpty) {
        case (.list(let form, _), true, false), (.map(let form), false, true), (.lists(_, let form), false, false):
            part.shape = .value(form)
        case (.lists(_, let form), false, true): part.shape = .list(form, mayBeEmpty: true)
        default: return nil
        }
        return (part, entry + element)
    }
}
