/// Reads one setting's node as values, and keeps every fault with its place.
struct NodeReader {
    private(set) var problems: [ConfigurationProblem] = []
    /// Whether a substitution had no value and none was demanded: the values are made up then.
    private(set) var isMadeUp = false

    /// Whether the values read are those of the profile.
    var isSure: Bool { problems.isEmpty && !isMadeUp }

    mutating func refuse(_ fault: SettingFault, at origin: ConfigurationOrigin, path: String) {
        problems.append(
            ConfigurationProblem(
                code: fault.code, origin: origin, path: path, message: fault.message, suggestion: fault.suggestion))
    }

    /// A single value; `nil` after a fault.
    /// - Parameter hint: What to write in place of a list or a map.
    mutating func value<V: SettingValue>(
        _ node: ConfigurationNode, _ path: String, _ form: SettingForm, hint: String? = nil,
        fits: (V) -> Bool = { _ in true }
    ) -> V? {
        guard case .scalar(let scalar) = node.content else {
            refuseKind(node, path, expected: form.expected, hint: hint)
            return nil
        }
        if scalar.isPlaceholder {
            isMadeUp = true
            return nil
        }
        let text = SettingText(scalar, form: form)
        do throws(SettingFault) {
            let value = try V(reading: text)
            guard fits(value) else { throw text.outOfRange("its range") }
            return value
        } catch {
            refuse(text.explained(error), at: node.origin, path: path)
            return nil
        }
    }

    /// A list of values, without those that are faulty.
    mutating func list<V: SettingValue>(
        _ node: ConfigurationNode, _ path: String, _ form: SettingForm, mayBeEmpty: Bool
    ) -> [V] {
        guard case .list(let nodes) = node.content else {
            refuseKind(node, path, expected: "a list", hint: "write [a, b]")
            return []
        }
        if nodes.isEmpty && !mayBeEmpty {
            let fault = SettingFault(code: .outOfRange, message: "is an empty list; at least one element is expected")
            refuse(fault, at: node.origin, path: path)
        }
        return nodes.enumerated().compactMap { index, node in
            value(node, ConfigurationPath.element(index, in: path), form)
        }
    }

    /// The entries of a map; empty after a fault.
    /// - Parameter hint: How a map is written there.
    mutating func entries(
        _ node: ConfigurationNode, _ path: String, hint: String? = nil
    ) -> [ConfigurationNode.Entry] {
        if case .map(let entries) = node.content { return entries }
        refuseKind(node, path, expected: "a map", hint: hint)
        return []
    }

    /// The entries of a setting with a map for its value. One whose key holds its value, as the space between is
    /// missing, is refused.
    mutating func mapValue(
        _ node: ConfigurationNode, _ path: String, _ form: SettingForm
    ) -> [ConfigurationNode.Entry] {
        entries(node.asMapValue, path).filter { entry in
            guard entry.name != entry.key else { return true }
            refuseKind(
                ConfigurationNode(content: .null, origin: entry.keyOrigin),
                ConfigurationPath.key(entry.name, in: path), expected: form.expected,
                hint: entry.keyWithoutSpace?.nameAdvice ?? "write '\(entry.name): …'")
            return false
        }
    }

    /// A key of a map, read as a value.
    /// - Parameter path: The entry's, which names the key.
    mutating func key<K: SettingValue>(_ entry: ConfigurationNode.Entry, _ path: String) -> K? {
        // A name that a variable gives is repeated no more than its value.
        let variables = if case .environment(let name) = entry.keyOrigin.layer { [name] } else { [String]() }
        let scalar = ConfigurationNode.Scalar(text: entry.key, isPlain: true, substituted: variables)
        if let mistake = KeyWithoutSpace(entry.key), (try? K(reading: SettingText(scalar, form: K.form))) == nil {
            let fault = SettingFault(code: .wrongType, message: "is a key that holds its value; \(mistake.nameAdvice)")
            refuse(fault, at: entry.keyOrigin, path: path)
            return nil
        }
        return value(ConfigurationNode(content: .scalar(scalar), origin: entry.keyOrigin), path, K.form)
    }

    mutating func refuseKind(
        _ node: ConfigurationNode, _ path: String, expected: String, hint: String? = nil
    ) {
        var fault = SettingFault(code: .wrongType, message: "is \(node.kindName); \(expected) is expected")
        if expected == "a map", let mistake = node.keyWithoutSpace {
            fault.message += "; \(mistake.advice)"
        } else if let hint {
            fault.message += "; \(hint)"
        }
        refuse(fault, at: node.origin, path: path)
    }
}
