/// One map of the merged profile, read by one configuration.
struct ConfigurationSection {
    /// Dotted path of the map; empty at the top.
    var path: String
    /// Where the section's key stands.
    var origin: ConfigurationOrigin
    var entries: [ConfigurationNode.Entry]
    var environment: [String: String]
    /// Whether what only the environment can give may be missing.
    var isWithoutEnvironment = false
    /// Settings of the section around this one that the profile gives: they count more than the environment's word on
    /// a setting of the same name here.
    var given: Set<String> = []

    func path(of key: String) -> String { ConfigurationPath.key(key, in: path) }

    func entry(_ key: String) -> ConfigurationNode.Entry? { entries.first { $0.key == key } }

    /// What the profile, or else the environment, says of a setting. A variable that is empty says nothing.
    func node(_ key: String, environment variables: SettingVariables?) -> ConfigurationNode? {
        if let value = entry(key)?.value {
            return value.isNull ? nil : variables?.node(in: environment, under: value) ?? value
        }
        return given.contains(key) ? nil : variables?.node(in: environment)
    }

    /// What is wrong with the variable that a setting goes by, or would.
    func warning(_ key: String, environment variables: SettingVariables?) -> VariableWarning? {
        if let value = entry(key)?.value, variables?.adds(to: value) != true { return nil }
        guard !given.contains(key) else { return nil }
        return variables?.warning(in: environment)
    }

    /// Settings that the profile gives.
    var givenKeys: Set<String> { Set(entries.lazy.filter { !$0.value.isNull }.map(\.key)) }
}
