extension SettingForm {
    /// Schemas of which a value of the form meets at least one.
    ///
    /// A text is the scalar's text whatever it looks like, so that a YAML parser may have made a number of it.
    var schemas: [JSONDocument] {
        switch kind {
        case .text, .secret: [.type("string", "number", "boolean")]
        case .path: [.type("number", "boolean"), .pattern("^(?!~/|[\\s\\S]*[\\r\\n])[\\s\\S]")]
        case .integer: [.object([("type", .string("integer"))] + limits)]
        case .number: [.object([("type", .string("number"))] + limits)]
        case .boolean: [.type("boolean"), Self.booleanText]
        case .duration: [.pattern("^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?$")]
        case .size: [.pattern("^[0-9]+([kKMGT]?B|[KMGT]iB)$")]
        case .url: [.pattern("^[A-Za-z][A-Za-z0-9+.-]*://[^\\s\"<>\\\\^`{|}#]+$")]
        case .choice(let names): Self.choices(names, aliases: aliases, foldsCase: foldsCase)
        }
    }

    /// A boolean that YAML parsers leave a text. Where they all make a boolean of it, a text is one in quotes.
    private static let booleanText = JSONDocument.pattern(
        "^(?!(true|True|TRUE|false|False|FALSE)$)(" + anyCase(["true", "false", "yes", "no", "on", "off"]) + ")$")

    private var limits: [(String, JSONDocument)] {
        bounds.map { [("minimum", .literal($0.lower)), ("maximum", .literal($0.upper))] } ?? []
    }

    private static func choices(_ names: [String], aliases: [String], foldsCase: Bool) -> [JSONDocument] {
        guard !foldsCase else { return [.pattern("^(" + anyCase(names + aliases) + ")$")] }
        // YAML 1.1 makes booleans of `on` and `off`.
        let booleans = Set(names.compactMap { Bool(settingText: $0) }).map {
            JSONDocument.literal($0 ? "true" : "false")
        }
        return [.object([("enum", .array(names.map { .string($0) } + booleans))])]
    }

    /// A pattern for words in any case.
    static func anyCase(_ words: [String]) -> String {
        words.map { word in
            word.map { $0.isLetter ? "[\($0.uppercased())\($0.lowercased())]" : String($0) }.joined()
        }.joined(separator: "|")
    }
}

extension JSONDocument {
    static func type(_ names: String...) -> JSONDocument {
        .object([("type", names.count == 1 ? .string(names[0]) : .array(names.map { .string($0) }))])
    }

    static func pattern(_ pattern: String) -> JSONDocument {
        .object([("type", .string("string")), ("pattern", .string(pattern))])
    }

    static let null = type("null")
    /// A text that holds a substitution: any type's.
    static let substituted = JSONDocument.object([("$ref", .string("#/$defs/substituted"))])
}
