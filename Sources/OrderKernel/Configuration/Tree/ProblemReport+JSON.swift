extension ProblemReport {
    /// One JSON array with an object for each problem, each on a line of its own; ends with a newline.
    package var json: String {
        guard !problems.isEmpty else { return "[]\n" }
        return "[\n" + problems.map { "  " + json($0) }.joined(separator: ",\n") + "\n]\n"
    }

    private func json(_ problem: ConfigurationProblem) -> String {
        var members = place(of: problem.origin)
        members.append("\"path\":\(problem.path.map { Self.quoted($0.withoutPasswords) } ?? "null")")
        members.append("\"code\":\(Self.quoted(problem.code.rawValue))")
        members.append("\"message\":\(Self.quoted(problem.message))")
        if let suggestion = problem.suggestion { members.append("\"suggestion\":\(Self.quoted(suggestion))") }
        let related = problem.related.map { related in
            object(place(of: related.origin) + ["\"message\":\(Self.quoted(related.message))"])
        }
        members.append("\"related\":[\(related.joined(separator: ","))]")
        return object(members)
    }

    private func place(of origin: ConfigurationOrigin) -> [String] {
        let file = file(origin)
        let hasPosition = file != nil && origin.line > 0
        return [
            "\"file\":\(file.map(Self.quoted) ?? "null")",
            "\"line\":\(hasPosition ? String(origin.line) : "null")",
            "\"column\":\(hasPosition ? String(origin.column) : "null")",
        ]
    }

    private func object(_ members: [String]) -> String {
        "{\(members.joined(separator: ","))}"
    }

    /// A JSON string (RFC 8259, section 7); everything that is not visible is escaped.
    private static func quoted(_ text: String) -> String {
        var json = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": json += "\\\(character)"
            case _ where character.isVisible: json.unicodeScalars.append(character)
            default:
                for unit in String(character).utf16 {
                    let digits = String(unit, radix: 16)
                    json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return json + "\""
    }
}
