/// Scalars as a profile writes them.
enum YAMLText {
    /// A text, plain where YAML reads it back as it is, else in double quotes; `$` is doubled, as substitution would
    /// take it for its own.
    static func scalar(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { escaped += scalar == "$" ? [scalar, scalar] : [scalar] }
        return isPlain(text) ? String(escaped) : quoted(String(escaped))
    }

    private static func isPlain(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { return false }
        // A minus begins a number, or else an element of a list.
        let isNumber = first == "-" && scalars.dropFirst().first.map { ("0"..."9").contains($0) } == true
        guard isNumber || !"-?:,[]{}#&*!|>'\"%@`~ \t=".unicodeScalars.contains(first), last != " ", last != ":",
            !scalars.contains(where: { isHidden($0) || ",[]{}".unicodeScalars.contains($0) })
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
            default: quoted += isHidden(scalar) ? escape(scalar) : String(scalar)
            }
        }
        return quoted + "\""
    }

    /// Whether a scalar is none that YAML prints as it is, or breaks a line.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}": true
        default: scalar.properties.generalCategory == .control
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
