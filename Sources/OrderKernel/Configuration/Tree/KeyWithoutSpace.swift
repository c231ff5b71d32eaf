/// Recognises `port:5000`, `port=5000` and `port 5000`, which lack what would make them a key and a value.
package struct KeyWithoutSpace {
    package let key: String
    /// What to do about it.
    package let advice: String

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
            guard isKnown || value.first?.isWhitespace == false && !value.hasPrefix("//") else { return nil }
            advice = "write a space after the colon of '\(name):'"
        case "=":
            guard isKnown || !value.allSatisfy(\.isWhitespace) else { return nil }
            advice = "write '\(name): …'"
        default:
            guard isKnown, sign.startIndex > rest.startIndex, !sign.isEmpty else { return nil }
            advice = "write '\(name): …'"
        }
        key = name
    }
}
