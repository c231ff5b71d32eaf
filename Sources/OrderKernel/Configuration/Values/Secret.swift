/// A text that is never printed: not by `print`, not in logs, errors or telemetry.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for the call that needs it.
    public let revealed: String

    public init(_ text: String) { self.revealed = text }

    public var description: String { "‹secret›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
