extension PluginConfiguration {
    /// Reads a section, and again where a variable will not do, as if it were not set: another may count in its place.
    /// - Returns: The configuration, and the settings of the last reading with the warnings of all.
    static func read(_ section: ConfigurationSection) -> (configuration: Self, settings: Settings) {
        var section = section
        var warnings: [VariableWarning] = []
        while true {
            var settings = Settings(reading: section)
            let configuration = Self(from: &settings)
            warnings += settings.warnings
            let environment = section.environment.without(settings.warnings)
            guard environment.count < section.environment.count else {
                settings.warnings = warnings
                return (configuration, settings)
            }
            section.environment = environment
        }
    }
}
