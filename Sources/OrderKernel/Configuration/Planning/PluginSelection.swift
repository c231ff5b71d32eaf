/// Which plugins a merged profile picks, and what is wrong with its way of picking.
struct PluginSelection {
    private(set) var storages: [PluginInstance] = []
    private(set) var transports: [PluginInstance] = []
    private(set) var exporters: [PluginInstance] = []
    private(set) var middleware: [PluginInstance] = []
    /// Paths of storages that a higher layer replaced.
    private(set) var replaced: Set<String> = []
    private(set) var problems: [ConfigurationProblem] = []
    private let description: ProfileDescription

    /// - Parameter profile: Without defaults for the sections it leaves out.
    init(_ profile: ConfigurationNode, _ description: ProfileDescription) {
        self.description = description
        let root = StandardProfile.completed(profile, description)
        selectStorage(root)
        transports = instances(of: "transport", in: root)
        exporters = instances(of: "telemetry", in: root)
        selectMiddleware(root)
        refuseEqualMiddleware()
        requireOne("storage", storages, root)
        requireOne("transport", transports, root)
    }

    /// The entries of a section.
    private mutating func entries(of section: String, in root: ConfigurationNode) -> [ConfigurationNode.Entry] {
        guard let node = root.child(section)?.value.asSection, !node.isNull else { return [] }
        var reader = NodeReader()
        let entries = reader.entries(
            node, section, hint: "the plugin is a key of its own, such as '\(sample(section)):'")
        problems += reader.problems
        return entries
    }

    /// The instances that a section picks.
    func names(in section: String) -> [String] {
        switch section {
        case "storage": storages.map(\.name)
        case "transport": transports.map(\.name)
        default: exporters.map(\.name)
        }
    }

    private func sample(_ section: String) -> String {
        StandardProfile.plugin(of: section) ?? "name"
    }

    private mutating func instances(of section: String, in root: ConfigurationNode) -> [PluginInstance] {
        entries(of: section, in: root).compactMap { instance($0, in: section) }
    }

    private mutating func instance(_ entry: ConfigurationNode.Entry, in section: String) -> PluginInstance? {
        let plugin = plugin(of: entry.key, in: section)
        switch PluginInstance.read(entry, in: section, plugin?.settings ?? []) {
        case .instance(let instance): return instance
        case .takenOut: return nil
        case .faulty(let problem):
            // What stands below an unknown plugin cannot be judged: the check of keys has said all there is to say.
            guard plugin != nil else {
                let nothing = ConfigurationNode(content: .null, origin: entry.value.origin)
                return PluginInstance(name: entry.key, path: problem.path ?? "", origin: entry.keyOrigin, node: nothing)
            }
            problems.append(problem)
            return nil
        }
    }

    private func plugin(of instance: String, in section: String) -> PluginEntry? {
        description.plugins(in: String(section.prefix { $0 != "[" }))?.plugin(of: instance)
    }

    private func isKnown(_ instance: String, in section: String) -> Bool { plugin(of: instance, in: section) != nil }

    /// The highest layer that names a storage chooses it.
    private mutating func selectStorage(_ root: ConfigurationNode) {
        let all = instances(of: "storage", in: root)
        let highest = all.map(\.origin.layer).max()
        storages = all.filter { $0.origin.layer == highest }
        replaced = Set(all.lazy.filter { $0.origin.layer != highest }.map(\.path))
        guard storages.count > 1, storages.allSatisfy({ isKnown($0.name, in: "storage") }) else { return }
        let sorted = storages.sorted { $0.origin < $1.origin }
        let first = sorted[0]
        for other in sorted.dropFirst() {
            problems.append(
                ConfigurationProblem(
                    code: .conflict, origin: other.origin, path: other.path,
                    message: "is a second storage beside \(first.path)\(first.origin.mention(at: other.origin)); "
                        + "a service has exactly one",
                    related: [.init(origin: first.origin, message: "\(first.path) stands here")]))
        }
    }

    /// Each element is a map with one key: the plugin.
    private mutating func selectMiddleware(_ root: ConfigurationNode) {
        guard let node = root.child("middleware")?.value, !node.isNull else { return }
        var reader = NodeReader()
        guard case .list(let nodes) = node.content else {
            reader.refuseKind(node, "middleware", expected: "a list", hint: "write '- ' before each middleware")
            problems += reader.problems
            return
        }
        for (index, node) in nodes.enumerated() {
            let path = ConfigurationPath.element(index, in: "middleware")
            let entries = reader.entries(node, path, hint: "write '- NAME: {}'")
            if case .map = node.content, entries.count != 1 {
                let fault = SettingFault(
                    code: .wrongType, message: "has \(entries.count) keys; a map with one key, the plugin, is expected")
                reader.refuse(fault, at: node.origin, path: path)
            } else if let entry = entries.first, let instance = instance(entry, in: path) {
                middleware.append(instance)
            }
        }
        problems += reader.problems
    }

    /// An instance stands in the list once: errors and readiness go by its name.
    private mutating func refuseEqualMiddleware() {
        var names = Set(middleware.map(\.name))
        for (index, later) in middleware.enumerated() where isKnown(later.name, in: "middleware") {
            guard let first = middleware[..<index].first(where: { $0.name == later.name }) else { continue }
            let free = ["two", "three", "four"].map { "\(later.plugin)/\($0)" }.first { !names.contains($0) }
            let name = free ?? "\(later.plugin)/NAME"
            names.insert(name)
            let place = first.path + first.origin.mention(at: later.origin)
            problems.append(
                ConfigurationProblem(
                    code: .conflict, origin: later.origin, path: later.path,
                    message: "has the name of \(place); give it one of its own, such as '\(name)'",
                    suggestion: name, related: [.init(origin: first.origin, message: "\(first.path) stands here")]))
        }
    }

    private mutating func requireOne(_ section: String, _ instances: [PluginInstance], _ root: ConfigurationNode) {
        guard instances.isEmpty, !problems.contains(where: { $0.path?.hasPrefix(section) == true }) else { return }
        let names = description.plugins(in: section)?.plugins.map(\.name) ?? []
        let known = names.isEmpty ? "none" : names.joined(separator: ", ")
        let given = root.child(section)
        let onlyFalse = given?.value.entries.isEmpty == false ? ", only what is taken out" : ""
        problems.append(
            ConfigurationProblem(
                code: .missing, origin: given?.keyOrigin ?? root.origin, path: section,
                message: "names no \(section)\(onlyFalse); this program has \(known)"))
    }
}

extension ProfileDescription {
    /// What a section of plugins may hold.
    func plugins(in section: String) -> PluginSection? {
        guard case .plugins(let plugins) = sections.first(where: { $0.key == section })?.shape else { return nil }
        return plugins
    }
}
