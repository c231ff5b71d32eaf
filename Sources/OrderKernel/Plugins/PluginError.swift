/// Why a plugin could not start or go on, in words for the operator, who is shown them behind the plugin's name.
public struct PluginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: what could not be had, and what to do about it where that is known. Without secrets.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
