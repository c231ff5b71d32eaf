/// Recognises `port:5000`, where the space is missing that would make it a key and a value.
package enum KeyWithoutSpace {
    /// The key of a text such as `port:5000`; `nil` for any other, also for a URL.
    package static func key(in text: some StringProtocol) -> String? {
        guard let colon = text.firstIndex(of: ":"), let first = text.first, first.isLetter || first == "_",
            text[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) })
        else { return nil }
        let rest = text[colon...].dropFirst()
        guard let next = rest.first, !next.isWhitespace, !rest.hasPrefix("//") else { return nil }
        return String(text[..<colon])
    }

    /// What to do about it.
    package static func advice(_ key: String) -> String {
        "write a space after the colon of '\(key):'"
    }
}
