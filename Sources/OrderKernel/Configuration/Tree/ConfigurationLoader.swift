/// Reads profiles and overrides into one tree.
package struct ConfigurationLoader: Sendable {
    package var environment: [String: String]
    /// Names of others, whose values are not UTF-8 text.
    package var unreadableVariables: Set<String> = []
    package var files: any ConfigurationFiles
    /// Whether a `${NAME}` or `${file:}` without a value is let pass, as a placeholder, and that a setting is missing
    /// which a variable could give.
    package var withoutEnvironment = false
    /// Dotted paths in the merged tree that will not be used, such as a storage that a higher layer replaced: nothing
    /// is substituted there, and their scalars that hold a `${…}` become placeholders.
    package var unused: @Sendable (ConfigurationNode) -> Set<String> = { _ in [] }

    package init(environment: [String: String], files: any ConfigurationFiles = SystemFiles()) {
        self.environment = environment
        self.files = files
    }

    /// Merges the sources, lowest first, then the overrides, and resolves the substitutions of what won.
    ///
    /// Opens the sources and the files that `${file:}` names, and nothing else. Never fails: what could not be read is
    /// told in ``LoadedConfiguration/problems``.
    package func load(_ sources: [ProfileSource], overrides: [SettingOverride] = []) -> LoadedConfiguration {
        var loaded = LoadedConfiguration(overrides: overrides)
        loaded.isWithoutEnvironment = withoutEnvironment
        for (index, source) in sources.enumerated() {
            let layer = ConfigurationOrigin.Layer.file(index)
            let bytes = read(source, layer: layer, into: &loaded)
            loaded.texts.append(ProfileText(name: source.name, bytes: bytes ?? []))
            if let bytes { loaded.add(ProfileParser(layer: layer).parse(bytes)) }
        }
        for (index, override) in overrides.enumerated() {
            loaded.add(override.parsed(layer: .set(index)))
        }
        substitute(in: &loaded)
        return loaded
    }

    private func read(
        _ source: ProfileSource, layer: ConfigurationOrigin.Layer, into loaded: inout LoadedConfiguration
    ) -> [UInt8]? {
        if let bytes = source.bytes { return bytes }
        do throws(ConfigurationFileError) {
            return try files.read(source.name, limit: ProfileParser.largest + 1)
        } catch {
            let origin = ConfigurationOrigin(layer)
            loaded.isComplete = false
            loaded.problems.append(
                ConfigurationProblem(
                    code: .unreadableFile, origin: origin, message: "the profile cannot be read: \(error.reason)"))
            return nil
        }
    }

    private func substitute(in loaded: inout LoadedConfiguration) {
        let lines = loaded.texts.map { text in
            text.bytes.contains(UInt8(ascii: "$")) ? SourceLines(text.bytes) : nil
        }
        var substitution = Substitution(self, unused: unused(loaded.root), lines: lines)
        loaded.root = substitution.resolve(loaded.root)
        loaded.problems += substitution.problems
    }
}
