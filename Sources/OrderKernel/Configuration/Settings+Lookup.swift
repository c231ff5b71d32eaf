extension Settings {
    /// A setting that was declared before; a key with a dot names one of a section.
    func declared(_ key: String) -> SettingDescription? {
        let steps = key.split(separator: ".")
        let settings = steps.dropLast().reduce(described) { settings, step in
            settings.first { $0.key == step }?.nested ?? []
        }
        return settings.first { $0.key == steps.last ?? "" }
    }

    /// What the profile or a variable says of a setting that was declared before.
    func node(_ key: String, in section: ConfigurationSection) -> ConfigurationNode? {
        let steps = key.split(separator: ".").map(String.init)
        var section = section
        for step in steps.dropLast() {
            section.given = section.givenKeys
            section.entries = section.entry(step)?.value.entries ?? []
        }
        let name = steps.last ?? key
        return section.node(name, environment: declared(key)?.environment) ?? section.entry(name)?.value
    }
}
