/// Recognises `port:5000`, `port=5000` and `port 5000`, which lack what would make them a key and a value.
package struct KeyWithoutSpace {
    package let key: String
    private let isColon: Bool

    /// `nil` for any other text, also for a URL.
    /// - Parameter known: Keys that may stand without any sign behind them; other texts hold spaces too.
    package init?(_ text: some StringProtocol, among known: [String] = []) {
        let name = String(text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) })
        guard let first = name.first, first.isLetter || first == "_" else { return nil }
        let isKnown = known.contains(name)
        let rest = text.dropFirst(name.count)
        let sign = rest.drop { $0.isWhitespace }
        let value = sign.dropFirst()
        switch sign.first {
        case ":":
            // Spaces that YAML does not know look like those that it wants.
            let hasSpace = value.first.map { $0.isASCII && $0.isWhitespace } ?? true
            guard isKnown || !hasSpace && !value.hasPrefix("//") else { return nil }
        case "=":
            guard isKnown || !value.allSatisfy(\.isWhitespace) else { return nil }
        default:
            guard isKnown, sign.startIndex > rest.startIndex, !sign.isEmpty else { return nil }
        }
        key = name
        isColon = sign.first == ":"
    }

    /// What to do about it where the key is that of a setting.
    package var advice: String {
        if isColon { return nameAdvice }
        guard key.contains(where: \.isLowercase) else {
            return "a variable such as \(key) is set in the environment, not in a profile"
        }
        return "write '\(Self.nested(key))'"
    }

    /// What to do about it where the key is a name, which may be any.
    var nameAdvice: String { isColon ? "write a space after the colon of '\(key):'" : "write '\(key): …'" }

    /// A dotted path as keys within each other: `transport: {http: …}`.
    static func nested(_ path: some StringProtocol) -> String {
        let keys = path.split(separator: ".").reversed()
        return keys.dropFirst().reduce("\(keys.first ?? ""): …") { "\($1): {\($0)}" }
    }
}
