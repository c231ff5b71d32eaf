/// The plugins of one binary, and all that a profile may say of them.
struct PluginCatalog: Sendable {
    /// In the order of the binary's list.
    let entries: [PluginEntry]
    private let kinds: [PluginKind]

    /// - Throws: A name that two plugins of one kind have, or that a profile could not write; a setting that is not
    ///   declared as it must be.
    init(_ plugins: [any Plugin.Type]) throws(PluginError) {
        entries = plugins.map { Self.entry($0) }
        kinds = plugins.map { $0.kind }
        for (index, entry) in entries.enumerated() {
            try entry.requireWritable()
            guard let other = entries[..<index].firstIndex(where: { $0.kind == entry.kind && $0.name == entry.name })
            else { continue }
            let first = "\(plugins[other]) in \(entries[other].module)"
            let second = "\(plugins[index]) in \(entry.module)"
            throw PluginError(
                plugins[other] == plugins[index]
                    ? "\(first) is listed twice"
                    : "two plugins are the \(entry.kind) \(entry.name): \(first), \(second)")
        }
        for (index, type) in plugins.enumerated() { try Self.requireDeclared(type, as: entries[index]) }
    }

    private static func requireDeclared<P: Plugin>(_ type: P.Type, as entry: PluginEntry) throws(PluginError) {
        let mistakes = P.Configuration.declared().mistakes + DeclarationMistake.unwritable(entry.settings)
        guard let mistake = mistakes.first else { return }
        throw PluginError("the \(entry.kind) \(entry.name) in \(entry.module): \(mistake)")
    }

    func kind(_ kind: String, name: String) -> PluginKind? {
        zip(entries, kinds).first { $0.0.kind == kind && $0.0.name == name }?.1
    }

    func section(of kind: String) -> PluginSection {
        PluginSection(kind: kind, plugins: entries.filter { $0.kind == kind }, isList: kind == "middleware")
    }

    private static func entry<P: Plugin>(_ type: P.Type) -> PluginEntry {
        PluginEntry(
            kind: type.kind.name, name: type.name, module: String(String(reflecting: type).prefix { $0 != "." }),
            summary: type.summary, stability: type.stability, settings: P.Configuration.descriptions())
    }
}

extension PluginKind {
    /// `storage`, `transport`, `exporter` or `middleware`.
    var name: String {
        switch self {
        case .storage: "storage"
        case .transport: "transport"
        case .exporter: "exporter"
        case .middleware: "middleware"
        }
    }
}

extension PluginEntry {
    /// Makes sure that a profile can name it, and that a comment can hold what it is.
    fileprivate func requireWritable() throws(PluginError) {
        guard name.isSnakeCase else {
            throw PluginError("the \(kind) \"\(name)\" in \(module) needs a name in lower_snake_case")
        }
        guard !summary.contains(where: \.isNewline) else {
            throw PluginError("the \(kind) \(name) in \(module) has a summary of more than one line")
        }
    }
}
