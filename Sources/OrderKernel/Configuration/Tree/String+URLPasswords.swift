extension String {
    /// The text with `…` for the passwords of the URLs in it.
    package var withoutPasswords: String {
        let characters = Array(unicodeScalars)
        var shown: [Unicode.Scalar] = []
        var start = 0
        for password in characters.urlPasswords {
            shown += characters[start..<password.lowerBound] + ["…"]
            start = password.upperBound
        }
        return start == 0 ? self : (shown + characters[start...]).text
    }
}

extension [Unicode.Scalar] {
    /// Where the passwords stand in all that looks like `scheme://user:password@host`, in order.
    ///
    /// Where no `@` follows, and no port, a password may have been cut, or hold what ends a URL.
    var urlPasswords: [Range<Int>] {
        var passwords: [Range<Int>] = []
        var rest = self[...]
        while let sign = rest.firstRange(of: "://".unicodeScalars) {
            rest = rest[sign.upperBound...]
            guard let colon = rest.colonBehindUser else { continue }
            let text = rest[(colon + 1)...].restOfURL
            rest = rest[text.endIndex...]
            if let at = text.lastIndex(of: "@") {
                passwords.append(text.startIndex..<at)
            } else if !text.isPort {
                let next = rest.firstRange(of: "://".unicodeScalars)?.lowerBound ?? endIndex
                let at = rest[..<next].lastIndex(of: "@")
                passwords.append(text.startIndex..<(at ?? text.endIndex))
            }
        }
        return passwords
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// The colon behind what may be a user, or a host.
    fileprivate var colonBehindUser: Int? {
        let name = first == "[" ? dropFirst().drop { $0 != "]" && $0 != "[" } : self
        let end = name.firstIndex { ":/? \t".unicodeScalars.contains($0) }
        return end.flatMap { self[$0] == ":" ? $0 : nil }
    }

    /// What comes before white space, a quotation mark, a bracket that closes, or a comma that ends a word.
    fileprivate var restOfURL: Self {
        let end = indices.first { index in
            let character = self[index]
            guard character == "," else {
                return character.properties.isWhitespace || "\"']}".unicodeScalars.contains(character)
            }
            return index + 1 == endIndex || self[index + 1].properties.isWhitespace
        }
        return self[..<(end ?? endIndex)]
    }

    /// Whether a port stands at the beginning.
    fileprivate var isPort: Bool {
        let digits = prefix { "0"..."9" ~= $0 }
        return !digits.isEmpty && (digits.count == count || "/?,".unicodeScalars.contains(self[digits.endIndex]))
    }
}
