/// One setting as its declaration describes it: what schema, reference pages and messages are made from.
package struct SettingDescription: Sendable, Equatable {
    /// What a setting holds.
    package indirect enum Shape: Sendable, Equatable {
        case value(SettingForm)
        case list(SettingForm, mayBeEmpty: Bool)
        /// Values by name.
        case map(SettingForm)
        /// Lists of values by name; the names are of the first form.
        case lists(SettingForm, SettingForm)
        case section([SettingDescription])
        /// A list of sections.
        case sections([SettingDescription])
        /// Sections by name.
        case instances([SettingDescription])
        /// Instances of a kind's plugins, by name, or as a list of maps with one key each.
        case plugins(PluginSection)
    }

    package enum Presence: Sendable, Equatable {
        /// The profile must give it.
        case required
        case optional
        /// Where the profile says nothing, this holds, as a profile would write it.
        case standard(String)
    }

    package var key: String
    package var summary: String
    package var shape: Shape
    package var presence: Presence
    /// The environment variables that give the value where no profile does.
    package var environment: SettingVariables?
    /// A value that a sample may show, where a default does not.
    package var example: String?
}

/// A section of the profile that holds plugins of one kind.
package struct PluginSection: Sendable, Equatable {
    /// `storage`, `transport`, `exporter` or `middleware`.
    package var kind: String
    /// Settings of each plugin, in the order of the binary's list.
    package var plugins: [PluginEntry]
    /// Whether the section is a list of maps with one key each, as order matters.
    package var isList: Bool

    /// The plugin of an instance such as `http/admin`.
    func plugin(of instance: String) -> PluginEntry? {
        let name = instance.prefix { $0 != "/" }
        return plugins.first { $0.name == name }
    }
}

/// What is known of a plugin without making one.
package struct PluginEntry: Sendable, Equatable {
    /// `storage`, `transport`, `exporter` or `middleware`.
    package var kind: String
    package var name: String
    /// The Swift module that holds the type.
    package var module: String
    package var summary: String
    package var stability: PluginStability
    package var settings: [SettingDescription]
}
