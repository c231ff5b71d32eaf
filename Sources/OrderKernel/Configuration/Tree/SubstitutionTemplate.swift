/// A scalar's text cut at its `${…}`.
struct SubstitutionTemplate {
    enum Part: Equatable {
        case text(String)
        /// `${NAME}`
        case variable(String)
        /// `${NAME:-default}`: the default also stands for an empty value, as in a shell.
        case variableWithDefault(String, String)
        /// `${NAME:?message}`: an empty value is as bad as none, as in a shell.
        case variableWithMessage(String, String)
        /// `${file:/path}`
        case file(String)
        /// What is wrong with it.
        case invalid(String)
    }

    /// Each with the number of Unicode scalars before it.
    private(set) var parts: [(part: Part, offset: Int)] = []

    /// Whether there is anything to do in a text: a quick look.
    static func isNeeded(for text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "$"))
    }

    init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        var literal: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            guard scalars[index] == "$", next == "$" || next == "{" else {
                literal.append(scalars[index])
                index += 1
                continue
            }
            if next == "$" {
                literal.append("$")
                index += 2
                continue
            }
            if !literal.isEmpty { parts.append((.text(literal.text), index - literal.count)) }
            literal = []
            let end = scalars[index...].firstIndex(of: "}")
            let inner = end.map { scalars[(index + 2)..<$0] }
            parts.append((inner.map(Self.part) ?? .invalid("'${' has no '}'"), index))
            index = end.map { $0 + 1 } ?? scalars.count
        }
        if !literal.isEmpty { parts.append((.text(literal.text), scalars.count - literal.count)) }
    }

    private static func part(_ inner: ArraySlice<Unicode.Scalar>) -> Part {
        let name = inner.prefix { $0 == "_" || $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) }
        let rest = inner.dropFirst(name.count)
        let argument = rest.dropFirst(2)
        if inner.zip(next: "$", "{") { return .invalid("a '${' cannot stand inside another") }
        if name.text == "file", rest.first == ":", rest.dropFirst().first != "-", rest.dropFirst().first != "?" {
            let path = rest.dropFirst().text
            return path.isEmpty ? .invalid("'${file:…}' needs a path") : .file(path)
        }
        guard let first = name.first, !("0"..."9").contains(first) else { return .invalid(Self.advice(inner)) }
        return switch rest.prefix(2).text {
        case "": .variable(name.text)
        case ":-": .variableWithDefault(name.text, argument.text)
        case ":?": .variableWithMessage(name.text, argument.text)
        default: .invalid(Self.advice(inner))
        }
    }

    /// What to write instead of what other programs have between `${` and `}`; a default may be a secret.
    private static func advice(_ inner: ArraySlice<Unicode.Scalar>) -> String {
        let text = inner.text.split { $0 == " " }.joined(separator: " ")
        let kind = text.prefix { $0 != ":" }.lowercased()
        let argument = text.dropFirst(["env", "file"].contains(kind) ? kind.count + 1 : 0)
        if kind == "file", !argument.isEmpty { return "is not how a file is named here; write ${file:\(argument)}" }
        let name = argument.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard name.first?.isNumber == false else { return forms }
        return switch argument.dropFirst(name.count).prefix(2) {
        case "": "is not how a variable is named here; write ${\(name)}"
        case let sign where sign.hasPrefix("-") || sign.hasPrefix("=") || sign == ":=":
            "is not how a default is given here; write ${\(name):-…}"
        default: forms
        }
    }

    private static let forms =
        "'${' begins ${NAME}, ${NAME:-default}, ${NAME:?message} or ${file:/path}; for the two characters write '$${'"
}

extension Collection<Unicode.Scalar> {
    /// Whether one scalar stands right before another somewhere.
    fileprivate func zip(next first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        Swift.zip(self, dropFirst()).contains { $0 == first && $1 == second }
    }
}
