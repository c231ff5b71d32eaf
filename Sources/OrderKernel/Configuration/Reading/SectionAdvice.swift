extension [SettingDescription] {
    /// What to write in place of a single value or a list where a map of these settings belongs; `nil` where nothing
    /// helps.
    func advice(for node: ConfigurationNode) -> String? {
        if case .scalar(let scalar) = node.content {
            if Bool(settingText: scalar.text) != nil { return nil }  // it was to switch something on or off
            // No message repeats what came out of a substitution.
            if scalar.substituted.isEmpty, let key = keyOfChoice(scalar.text) {
                return "write {\(key): \(scalar.text)}"
            }
        }
        let keys = map(\.key)
        guard let last = keys.last else { return nil }
        switch keys.count {
        case 1: return "its only key is \(last)"
        case 2...5: return "its keys are \(keys.dropLast().joined(separator: ", ")) and \(last)"
        default: return "its keys are \(keys.prefix(3).joined(separator: ", ")) and others"
        }
    }

    /// Key of the only setting that has such a choice.
    private func keyOfChoice(_ text: String) -> String? {
        let settings = filter { setting in
            guard case .value(let form) = setting.shape, case .choice(let names) = form.kind else { return false }
            return names.contains(text)
        }
        return settings.count == 1 ? settings.first?.key : nil
    }
}
