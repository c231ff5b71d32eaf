/// One node of a profile: what the layers say together at one path, and where each said it.
package struct ConfigurationNode: Sendable {
    package indirect enum Content: Sendable {
        case null
        case scalar(Scalar)
        case list([ConfigurationNode])
        case map([Entry])
    }

    /// A scalar's text, after substitution.
    package struct Scalar: Sendable {
        package var text: String
        /// Whether the text may be read as a number or a boolean: it was written plain, or its tag says so.
        package var isPlain: Bool
        /// Whether it was written on several lines, without quotes.
        package var isContinued = false
        /// Names of the `${…}` that the text came from: such a text is not repeated in messages.
        package var substituted: [String] = []
        /// Whether a `${…}` had no value and none was demanded (`--without-environment`): any type accepts it.
        package var isPlaceholder = false
    }

    package struct Entry: Sendable {
        package var key: String
        /// Where the key stands in the highest layer that says it.
        package var keyOrigin: ConfigurationOrigin
        package var value: ConfigurationNode
        /// Where lower layers say the key, highest first.
        package var lowerKeyOrigins: [ConfigurationOrigin] = []
    }

    package var content: Content
    /// Where the value stands that won.
    package var origin: ConfigurationOrigin
    /// Values of lower layers that this one replaced, highest first; each without its own.
    package var overridden: [ConfigurationNode] = []
}

/// Where a key or a value was said.
package struct ConfigurationOrigin: Sendable, Hashable {
    package enum Layer: Sendable, Hashable {
        case standard
        /// The environment variable that a setting names.
        case environment(String)
        /// A profile, by its position among `--config`.
        case file(Int)
        /// The whole text after `--set`, by its position.
        case set(Int)
    }

    package var layer: Layer
    /// From 1; columns count Unicode scalars. 0 outside files.
    package var line: Int
    package var column: Int
}

extension ConfigurationOrigin {
    /// Said by no line of a file.
    init(_ layer: Layer) { self.init(layer: layer, line: 0, column: 0) }

    /// The line in brackets, behind a name in the message of a problem elsewhere; empty unless both are of one file.
    func mention(at problem: ConfigurationOrigin) -> String {
        line > 0 && layer == problem.layer ? " (line \(line))" : ""
    }
}
