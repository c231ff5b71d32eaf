/// What profiles and overrides say together.
package struct LoadedConfiguration: Sendable {
    /// Always a map, perhaps an empty one.
    package var root: ConfigurationNode
    /// Unsorted.
    package var problems: [ConfigurationProblem] = []
    /// Whether every layer could be read. Where one could not, ``root`` lacks it, and what it lacks is no problem.
    package var isComplete = true
    /// Whether what only the environment can give may be missing.
    var isWithoutEnvironment = false
    /// The profiles' names and texts, in the order of the sources.
    package var texts: [ProfileText] = []
    package var overrides: [SettingOverride]

    init(overrides: [SettingOverride]) {
        self.root = ConfigurationNode(
            content: .map([]), origin: ConfigurationOrigin(.standard))
        self.overrides = overrides
    }

    /// Puts a layer over the others.
    mutating func add(_ layer: ProfileParser.Parsed) {
        problems += layer.problems
        guard let top = layer.root else {
            isComplete = false
            return
        }
        switch top.content {
        case .null:
            break
        case .map:
            root = root.merged(under: top)
        case .scalar, .list:
            isComplete = false
            let advice = top.keyWithoutSpace.map { "; \($0.advice)" } ?? ""
            problems.append(
                ConfigurationProblem(
                    code: .wrongType, origin: top.origin, message: "a profile is made of 'key: value' lines\(advice)"))
        }
    }
}

/// A profile's name and text, for excerpts.
package struct ProfileText: Sendable {
    package let name: String
    package let bytes: [UInt8]
}
