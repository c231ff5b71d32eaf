extension ProfilePlanner {
    /// One line for each plugin: kind, name, stability, summary.
    package func pluginList() -> String {
        let plugins = description.plugins
        let kinds = plugins.map(\.kind.count).max() ?? 0
        let names = plugins.map(\.name.count).max() ?? 0
        return plugins.map { plugin in
            let note = plugin.stability == .stable ? "" : " (\(plugin.stability.rawValue))"
            return plugin.kind.padded(to: kinds) + "  " + plugin.name.padded(to: names) + "  " + plugin.summary + note
                + "\n"
        }.joined()
    }

    /// The plugins as a JSON array of `{kind, name, module, summary, stability}`.
    package func pluginListJSON() -> String {
        let elements = description.plugins.map { plugin in
            JSONDocument.object([
                ("kind", .string(plugin.kind)), ("name", .string(plugin.name)), ("module", .string(plugin.module)),
                ("summary", .string(plugin.summary)), ("stability", .string(plugin.stability.rawValue)),
            ])
        }
        return JSONDocument.array(elements).text + "\n"
    }

    /// What there is to know of the plugins of a name: every setting, and an example that is a valid profile.
    /// - Throws: ``UnknownName``.
    package func pluginPage(_ name: String) throws(UnknownName) -> String {
        let plugins = description.plugins.filter { $0.name == name }
        guard !plugins.isEmpty else {
            throw UnknownName(name: "plugin \(name)", wanted: name, among: description.plugins.map(\.name))
        }
        return plugins.map(page).joined(separator: "\n")
    }

    private func page(_ plugin: PluginEntry) -> String {
        let title = "\(plugin.name) (\(plugin.kind), \(plugin.stability.rawValue), from \(plugin.module))\n"
        let settings = plugin.settings.flatMap { $0.rows(under: "") }.map { row in
            let environment = row.setting.environment.map { ", or \($0.text) of the environment" } ?? ""
            return "\n  \(row.path)\n    \(row.setting.summary)\n"
                + "    \(row.setting.typeName); \(row.setting.presenceName)\(environment)\n"
        }
        let heading = settings.isEmpty ? "\nIt has no settings.\n" : "\nSettings:\n"
        return title + plugin.summary + "\n" + heading + settings.joined() + "\nExample:\n\n" + example(of: plugin)
    }
}

extension SettingDescription {
    /// The setting, and each below it, with its path.
    func rows(under prefix: String) -> [(path: String, setting: SettingDescription)] {
        let path = prefix + key
        let below: String
        switch shape {
        case .sections: below = "\(path)[]."
        case .instances: below = "\(path).NAME."
        default: below = path + "."
        }
        return [(path, self)] + (nested ?? []).flatMap { $0.rows(under: below) }
    }

    /// `required`, `optional` or the default.
    var presenceName: String {
        switch presence {
        case .required: "required"
        case .optional: "optional"
        case .standard: "default " + (standardText ?? "")
        }
    }
}
