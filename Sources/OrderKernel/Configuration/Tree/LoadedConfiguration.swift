/// What profiles and overrides say together.
package struct LoadedConfiguration: Sendable {
    /// Always a map, perhaps an empty one.
    package var root: ConfigurationNode
    /// Unsorted.
    package var problems: [ConfigurationProblem]
    /// Whether every layer could be read. Where one could not, ``root`` lacks it, nothing was substituted, and reading
    /// settings would only find problems that are none.
    package var isComplete: Bool
    /// The profiles' texts, in the order of the sources.
    package var texts: [ProfileText]
    package var overrides: [SettingOverride]
}

/// A profile's name and text, for excerpts.
package struct ProfileText: Sendable {
    package let name: String
    package let bytes: [UInt8]
}
