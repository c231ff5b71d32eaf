extension ProfilePlanner {
    /// A commented profile to begin with, valid as it stands.
    /// - Parameters:
    ///   - storage: `nil` for the usual one.
    ///   - transports: None for the usual one; a name that is repeated counts once, here and in what follows.
    ///   - exporters: Those beside the usual one.
    ///   - middleware: From the outermost on.
    /// - Throws: ``UnknownName`` where this binary has no such plugin.
    package func sample(
        storage: String? = nil, transports: [String] = [], exporters: [String] = [], middleware: [String] = []
    ) throws(UnknownName) -> String {
        let storage = try plugin("storage", storage ?? usualName(of: "storage"))
        let transports = try plugins("transport", transports.isEmpty ? [usualName(of: "transport")] : transports)
        let exporters = try plugins("exporter", exporters)
        let middleware = try plugins("middleware", middleware)
        var writer = SampleWriter()
        writer.comment("yaml-language-server: $schema=orderd.schema.json", 0)
        writer.comment(
            "A profile of orderd. A setting behind a comment sign shows its default, or what may stand there.", 0)
        writer.comment("`orderd validate --config FILE` checks it, `orderd plugins show NAME` tells more.", 0)
        for section in description.sections {
            writer.text += "\n"
            writer.comment(section.summary, 0)
            switch section.key {
            case "storage": writer.section("storage", [storage])
            case "transport": writer.section("transport", transports)
            case "middleware" where !middleware.isEmpty: writer.list("middleware", middleware)
            default: writer.section(section, exporters)
            }
        }
        return writer.text
    }

    /// The least profile that has a plugin, for its page.
    func example(of plugin: PluginEntry) -> String {
        var writer = SampleWriter(areCommentsLeftOut: true)
        for kind in ["storage", "transport"] where kind != plugin.kind {
            let plugins = description.plugins(in: kind)?.plugins ?? []
            let isComplete = plugins.contains { $0.name == StandardProfile.plugin(of: kind) }
            if !isComplete, let first = plugins.first { writer.section(kind, [first]) }
        }
        switch plugin.kind {
        case "middleware": writer.list("middleware", [plugin])
        case "exporter": writer.section("telemetry", [plugin])
        default: writer.section(plugin.kind, [plugin])
        }
        return writer.text
    }

    /// The plugin that a section holds of its own accord, or else the first one that this binary has.
    private func usualName(of kind: String) -> String {
        let names = description.plugins.filter { $0.kind == kind }.map(\.name)
        let standard = StandardProfile.plugin(of: kind).flatMap { names.contains($0) ? $0 : nil }
        return standard ?? names.first ?? kind
    }

    /// Those plugins, each once.
    private func plugins(_ kind: String, _ names: [String]) throws(UnknownName) -> [PluginEntry] {
        var picked: [PluginEntry] = []
        for name in names where !picked.contains(where: { $0.name == name }) { picked.append(try plugin(kind, name)) }
        return picked
    }

    func plugin(_ kind: String, _ name: String) throws(UnknownName) -> PluginEntry {
        let plugins = description.plugins.filter { $0.kind == kind }
        guard let plugin = plugins.first(where: { $0.name == name }) else {
            throw UnknownName(name: "\(kind) \(name)", wanted: name, among: plugins.map(\.name))
        }
        return plugin
    }
}

extension PluginConfiguration {
    /// The least that a profile has to say below the plugin's name, as the example of its page has it; often nothing.
    ///
    /// The contract suites read it: an example that is not valid helps nobody.
    public static var exampleSettings: String {
        var writer = SampleWriter(areCommentsLeftOut: true)
        writer.write(descriptions(), 0)
        return writer.text
    }
}

/// Writes settings with sample values: what must be given as it is, all else behind a comment sign.
private struct SampleWriter {
    var text = ""
    private let areCommentsLeftOut: Bool

    init(areCommentsLeftOut: Bool = false) { self.areCommentsLeftOut = areCommentsLeftOut }

    /// A section of the kernel, or one of plugins with those that it holds of its own accord.
    /// - Parameter exporters: Those beside the usual one.
    mutating func section(_ setting: SettingDescription, _ exporters: [PluginEntry]) {
        switch setting.shape {
        case .section(let settings):
            line("\(setting.key):", 0)
            write(settings, 1)
        case .plugins(let plugins) where plugins.isList:
            comment("\(setting.key): []", 0)
        case .plugins(let plugins):
            let name = StandardProfile.plugin(of: setting.key)
            let usual = plugins.plugins.filter { $0.name == name }
            section(setting.key, usual + exporters.filter { $0.name != name })
        default: break
        }
    }

    mutating func section(_ key: String, _ plugins: [PluginEntry]) {
        line(plugins.isEmpty ? "\(key): {}" : "\(key):", 0)
        for plugin in plugins {
            comment(plugin.summary, 1)
            line(head(of: plugin), 1)
            write(plugin.settings, 2)
        }
    }

    mutating func list(_ key: String, _ plugins: [PluginEntry]) {
        line("\(key):", 0)
        for plugin in plugins {
            comment(plugin.summary, 1)
            line("- \(head(of: plugin))", 1)
            write(plugin.settings, 3)
        }
    }

    /// The key of a plugin, with nothing behind it where settings follow, or may.
    private func head(of plugin: PluginEntry) -> String {
        "\(plugin.name):" + (areCommentsLeftOut && !plugin.mustBeTold ? " {}" : "")
    }

    mutating func write(_ settings: [SettingDescription], _ indent: Int) {
        for setting in settings {
            comment(setting.summary, indent)
            if case .section(let nested) = setting.shape, setting.mustBeTold {
                line("\(setting.key):", indent)
                write(nested, indent + 1)
            } else if setting.mustBeTold {
                line("\(setting.key): \(setting.sampleText)", indent)
            } else {
                comment("\(setting.key): \(setting.sampleText)", indent)
            }
        }
    }

    mutating func comment(_ comment: String, _ indent: Int) {
        if !areCommentsLeftOut { line("# " + comment, indent) }
    }

    private mutating func line(_ line: String, _ indent: Int) {
        text += String(repeating: "  ", count: indent) + line + "\n"
    }
}

extension SettingDescription {
    /// Whether a profile must say something of the setting.
    fileprivate var mustBeTold: Bool {
        if case .section(let nested) = shape, presence != .optional { return nested.contains(where: \.mustBeTold) }
        return presence == .required
    }
}

extension PluginEntry {
    fileprivate var mustBeTold: Bool { settings.contains(where: \.mustBeTold) }
}
