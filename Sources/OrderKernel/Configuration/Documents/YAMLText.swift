/// Scalars as a profile writes them.
enum YAMLText {
    /// A text, plain where YAML reads it back as it is, else in double quotes; `$` is doubled, as substitution would
    /// take it for its own.
    static func scalar(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { escaped += scalar == "$" ? [scalar, scalar] : [scalar] }
        return key(String(escaped))
    }

    /// A key, which no substitution touches.
    static func key(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static func isPlain(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { return false }
        // A minus begins a number, or else an element of a list.
        let isNumber = first == "-" && scalars.dropFirst().first.map { ("0"..."9").contains($0) } == true
        guard isNumber || !"-?:,[]{}#&*!|>'\"%@`~ \t=".unicodeScalars.contains(first), last != " ", last != ":",
            !scalars.contains(where: { !$0.isVisible || ",[]{}".unicodeScalars.contains($0) })
        else { return false }
        // Scalar by scalar: a combining mark would hide the one before it from a search for characters.
        let breaks = zip(scalars, scalars.dropFirst()).contains { ($0 == ":" && $1 == " ") || ($0 == " " && $1 == "#") }
        return !breaks && text.lowercased() != "null" && text != "<<" && !text.hasPrefix("...")
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            default: quoted += scalar.isVisible ? String(scalar) : escape(scalar)
            }
        }
        return quoted + "\""
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (mark, width) = digits.count > 4 ? ("\\U", 8) : ("\\u", 4)
        return mark + String(repeating: "0", count: width - digits.count) + digits
    }
}
