/// A JSON text in the making, with its members in the order given.
indirect enum JSONDocument {
    case object([(String, JSONDocument)])
    case array([JSONDocument])
    case string(String)
    /// A number, `true`, `false` or `null`, as JSON writes it.
    case literal(String)

    /// The text over several lines, two spaces per level.
    var text: String { text(indent: "") }

    private func text(indent: String) -> String {
        switch self {
        case .literal(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let elements): Self.lines(elements.map { $0.text(indent: indent + "  ") }, "[", "]", indent)
        case .object(let members):
            Self.lines(
                members.map { Self.quoted($0.0) + ": " + $0.1.text(indent: indent + "  ") }, "{", "}", indent)
        }
    }

    private static func lines(_ parts: [String], _ open: String, _ close: String, _ indent: String) -> String {
        guard !parts.isEmpty else { return open + close }
        return open + "\n" + parts.map { indent + "  " + $0 }.joined(separator: ",\n") + "\n" + indent + close
    }

    private static func quoted(_ text: String) -> String {
        String(unsafeUninitializedCapacity: JSONWriter.capacity(of: text)) { buffer in
            var writer = JSONWriter(UnsafeMutableRawBufferPointer(buffer))
            writer.string(text)
            return writer.count
        }
    }
}
