extension Settings {
    /// A rule across settings. `holds` is not asked while describing, nor when one of the named settings is faulty.
    /// A key with a dot names a setting of a section: `traces.client_key`.
    ///
    /// - Parameter message: What is wrong, as a sentence about the first key: `is greater than high`. It is told at the
    ///   first of the settings that is given.
    public mutating func check(_ keys: String..., holds: @autoclosure () -> Bool, _ message: String) {
        requireDeclared(keys, "is checked")
        guard isKnown(keys), !holds() else { return }
        reportFault(message, in: keys)
    }

    /// A rule for one setting, by a function that knows what is wrong. It is called as ``check(_:holds:_:)`` calls its.
    ///
    /// - Parameter fault: What is wrong, as a sentence about the key, or `nil` where nothing is wrong.
    public mutating func check(_ key: String, fault: @autoclosure () -> String?) {
        requireDeclared([key], "is checked")
        guard isKnown([key]), let fault = fault() else { return }
        reportFault(fault, in: [key])
    }

    /// A rule for each element of a list, by a function that knows what is wrong with one. It is called as
    /// ``check(_:fault:)`` calls its, and each element that will not do is told at its own place.
    ///
    /// - Parameters:
    ///   - elements: What the setting was answered with.
    ///   - fault: What is wrong, as a sentence about the element, or `nil` where nothing is wrong.
    public mutating func check<V: SettingValue>(_ key: String, each elements: [V], fault: (V) -> String?) {
        requireDeclared([key], "is checked")
        guard case .read(let section) = pass else { return }
        let node = node(key, in: section)
        // Beside an element that is faulty, the others are judged too.
        let elements: [V?] = isKnown([key]) ? elements : readable(node)
        for (index, element) in elements.enumerated() {
            guard let element, let fault = fault(element) else { continue }
            if case .environment = node?.origin.layer { return reportFault(fault, in: [key]) }
            guard let nodes = node?.elements, nodes.indices.contains(index),
                let text = SettingText(nodes[index], of: declared(key))
            else { return reportFault(fault, in: [key]) }
            let hint = text.hint.map { "; " + $0 } ?? ""
            report(
                .checkFailed, at: nodes[index].origin, key: ConfigurationPath.element(index, in: key),
                "\(text.subject) \(fault)\(hint)")
        }
    }

    /// The elements of a list that has a fault; `nil` for each that cannot be read.
    private func readable<V: SettingValue>(_ node: ConfigurationNode?) -> [V?] {
        var reader = NodeReader()
        return (node?.elements ?? []).map { reader.value($0, "", V.form) }
    }

    /// Tells the operator of a setting that has no effect, though a profile or a variable gives it. It is no mistake,
    /// and the service starts. The function is called as ``check(_:fault:)`` calls its.
    ///
    /// - Parameter reason: Why, and what to do; `nil` where the setting has an effect, or says what holds anyway.
    public mutating func checkEffect(_ key: String, isNone reason: @autoclosure () -> String?) {
        requireDeclared([key], "is checked")
        guard isKnown([key]), case .read(let section) = pass, let node = node(key, in: section), !node.isNull,
            let reason = reason()
        else { return }
        idle.append(IdleSetting(path: section.path(of: key), origin: node.origin, reason: reason))
    }

    /// A rule for each name in a map that the profile gives. What a variable says besides is let pass.
    ///
    /// - Parameter fault: What is wrong, as a sentence about the name, or `nil` where nothing is wrong.
    mutating func checkNames(_ key: String, fault: (String) -> String?) {
        guard isKnown([key]), case .read(let section) = pass, let node = section.entry(key)?.value else { return }
        for entry in node.asMapValue.entries where !entry.value.isNull {
            guard let fault = fault(entry.key) else { continue }
            unsure.insert(key)
            problems.append(
                ConfigurationProblem(
                    code: .checkFailed, origin: entry.keyOrigin,
                    path: ConfigurationPath.key(entry.key, in: section.path(of: key)), message: fault))
        }
    }

    mutating func requireDeclared(_ keys: [String], _ use: String) {
        for key in keys where declared(key) == nil {
            mistakes.append(DeclarationMistake(path: key, message: "\(use), but not declared before"))
        }
    }

    /// Whether the values are a profile's own, and without fault.
    private func isKnown(_ keys: [String]) -> Bool {
        guard case .read = pass else { return false }
        return unsure.isDisjoint(with: keys.map(Self.own))
    }

    /// The setting's own key that a key with dots, or of an element, begins with.
    static func own(_ key: String) -> String { String(key.prefix { $0 != "." && $0 != "[" }) }

    private mutating func reportFault(_ message: String, in keys: [String]) {
        guard case .read(let section) = pass, let first = keys.first else { return }
        let nodes = keys.map { node($0, in: section) }
        let origins = nodes.map { $0?.origin }
        // The place of a value that no profile gives is its variable.
        var subject = if case .environment(let name)? = origins[0]?.layer { "the value of ${\(name)} " } else { "" }
        for (key, origin) in zip(keys, origins) {
            guard let setting = declared(key), setting.environment?.isLenient == true,
                let form = setting.form, case .environment(let name)? = origin?.layer
            else { continue }
            warn(name, form, (key == first ? subject : section.path(of: first) + " ") + message, in: section)
            return
        }
        // Where the profile leaves the first to its default, another that it gives is what the operator can change.
        let place = nodes.firstIndex { $0.map { !$0.isNull } ?? false } ?? 0
        if place > 0 { subject = first + " " }
        let hint = nodes[place].flatMap { SettingText($0, of: declared(keys[place]))?.hint }.map { "; " + $0 } ?? ""
        report(.checkFailed, at: origins[place] ?? section.origin, key: keys[place], subject + message + hint)
    }
}
