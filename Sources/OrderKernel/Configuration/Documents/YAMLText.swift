/// Scalars as a profile writes them.
enum YAMLText {
    /// A text, plain where YAML reads it back as it is, else in double quotes; `$` is doubled, as substitution would
    /// take it for its own.
    static func scalar(_ text: String) -> String {
        let escaped =
            text.contains("$")
            ? text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$") : text
        return isPlain(text) ? escaped : quoted(escaped)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        let reserved = "-?:,[]{}#&*!|>'\"%@`~ \t="
        // A minus begins a number, or a path that is standard input.
        let isNumber = first == "-" && text.unicodeScalars.dropFirst().first.map { ("0"..."9").contains($0) } == true
        guard isNumber || !reserved.unicodeScalars.contains(first), last != " ", last != ":" else { return false }
        guard
            text.unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control && !",[]{}".contains(Character($0))
            })
        else { return false }
        return !text.contains(": ") && !text.contains(" #") && text.lowercased() != "null" && text != "<<"
            && !text.hasPrefix("---") && !text.hasPrefix("...")
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            default:
                let isHidden =
                    scalar.properties.generalCategory == .control || scalar == "\u{FEFF}"
                    || scalar == "\u{2028}" || scalar == "\u{2029}"
                quoted += isHidden ? escape(scalar) : String(scalar)
            }
        }
        return quoted + "\""
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
