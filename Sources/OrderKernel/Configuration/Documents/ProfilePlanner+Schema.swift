extension ProfilePlanner {
    /// JSON Schema (2020-12) of a profile for exactly the plugins of this binary.
    ///
    /// It agrees with `validate` on unknown and missing keys, types, choices and numeric ranges, for a profile that
    /// stands alone. A text that holds a `${…}`, but not as `$${…}`, passes everywhere.
    package func schema() -> String {
        let (root, isRequired) = object(description.sections)
        let document = JSONDocument.object(
            [
                ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
                ("title", .string("Profile of orderd")),
                ("$defs", .object([("substituted", .pattern("(^|[^$])(\\$\\$)*\\$\\{"))])),
            ] + [("anyOf", .array(isRequired ? [root] : [root, .null]))])
        return document.text + "\n"
    }

    /// The schema of a map of settings, and whether it must be there.
    private func object(_ settings: [SettingDescription]) -> (schema: JSONDocument, isRequired: Bool) {
        let required = settings.filter(isRequired).map(\.key)
        var members: [(String, JSONDocument)] = [
            ("type", .string("object")),
            ("properties", .object(settings.map { ($0.key, schema(of: $0)) })),
            ("additionalProperties", .literal("false")),
        ]
        if !required.isEmpty { members.append(("required", .array(required.map { .string($0) }))) }
        return (.object(members), !required.isEmpty)
    }

    private func isRequired(_ setting: SettingDescription) -> Bool {
        switch setting.shape {
        case .section(let settings):
            setting.presence != .optional && settings.contains(where: isRequired)
        case .plugins(let section):
            mustNamePlugin(setting) && StandardProfile.node(of: setting.key, among: section) == nil
        default:
            setting.presence == .required && setting.environment == nil
        }
    }

    private func mustNamePlugin(_ setting: SettingDescription) -> Bool {
        setting.key == "storage" || setting.key == "transport"
    }

    private func schema(of setting: SettingDescription) -> JSONDocument {
        var choices = schemas(of: setting)
        if !isRequired(setting) { choices.append(.null) }
        var members: [(String, JSONDocument)] = [("description", .string(setting.summary))]
        if let standard = setting.standardNode, setting.nested == nil, !setting.isSecret {
            members.append(("default", Self.document(of: standard)))
        }
        return .object(members + [("anyOf", .array(choices))])
    }

    /// A default as a YAML parser makes JSON of it.
    private static func document(of node: ConfigurationNode) -> JSONDocument {
        switch node.content {
        case .null: return .null
        case .scalar(let scalar):
            let isLiteral = scalar.text.wholeMatch(of: /true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/)
            return scalar.isPlain && isLiteral != nil ? .literal(scalar.text) : .string(scalar.text)
        case .list(let elements): return .array(elements.map(document))
        case .map(let entries): return .object(entries.map { ($0.key, document(of: $0.value)) })
        }
    }

    private func schemas(of setting: SettingDescription) -> [JSONDocument] {
        switch setting.shape {
        case .value(let form):
            return form.schemas + [.substituted]
        case .list(let form, let mayBeEmpty):
            return [array(of: .any(form), least: mayBeEmpty ? 0 : 1)]
        case .map(let form):
            return [map(of: .object([("anyOf", .array(form.schemas + [.substituted, .null]))]))]
        case .lists(let key, let form):
            let list = JSONDocument.object([("anyOf", .array([array(of: .any(form), least: 0), .null]))])
            guard case .choice(let names) = key.kind else { return [map(of: list)] }
            return [closed(names.map { ("^\(Self.escaped($0))$", list) }, least: 0, most: nil)]
        case .section(let settings):
            return [object(settings).schema]
        case .sections(let settings):
            return [array(of: orNull(object(settings)), least: 0)]
        case .instances(let settings):
            return [map(of: orNull(object(settings)))]
        case .plugins(let section) where section.isList:
            return [array(of: closed(instances(section), least: 1, most: 1), least: 0)]
        case .plugins(let section):
            return [closed(instances(section), least: mustNamePlugin(setting) ? 1 : 0, most: nil)]
        }
    }

    /// A pattern for the instances of each plugin, with what may stand there.
    private func instances(_ section: PluginSection) -> [(String, JSONDocument)] {
        section.plugins.map { plugin in
            let (settings, isRequired) = object(plugin.settings)
            let choices = [settings] + Self.off + [.substituted] + (isRequired ? [] : [.null])
            let schema = JSONDocument.object([
                ("description", .string(plugin.summary)), ("anyOf", .array(choices)),
            ])
            return ("^\(Self.escaped(plugin.name))(/.+)?$", schema)
        }
    }

    /// What takes a plugin out.
    private static var off: [JSONDocument] {
        [.object([("const", .literal("false"))]), .pattern("^(" + SettingForm.anyCase(["no", "off"]) + ")$")]
    }

    private func orNull(_ object: (schema: JSONDocument, isRequired: Bool)) -> JSONDocument {
        object.isRequired ? object.schema : .object([("anyOf", .array([object.schema, .null]))])
    }

    private func array(of element: JSONDocument, least: Int) -> JSONDocument {
        .object([("type", .string("array")), ("items", element), ("minItems", .literal("\(least)"))])
    }

    private func map(of value: JSONDocument) -> JSONDocument {
        .object([("type", .string("object")), ("additionalProperties", value)])
    }

    /// A map whose keys match one of the patterns.
    private func closed(_ patterns: [(String, JSONDocument)], least: Int, most: Int?) -> JSONDocument {
        var members: [(String, JSONDocument)] = [
            ("type", .string("object")), ("patternProperties", .object(patterns)),
            ("additionalProperties", .literal("false")), ("minProperties", .literal("\(least)")),
        ]
        if let most { members.append(("maxProperties", .literal("\(most)"))) }
        return .object(members)
    }

    /// A name within a pattern.
    private static func escaped(_ name: String) -> String {
        name.map { $0.isLetter || $0.isNumber || $0 == "_" ? String($0) : "\\\($0)" }.joined()
    }
}

extension JSONDocument {
    /// A value of a form, or a substitution.
    fileprivate static func any(_ form: SettingForm) -> JSONDocument {
        .object([("anyOf", .array(form.schemas + [.substituted]))])
    }
}
