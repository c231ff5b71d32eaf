extension String {
    /// The text with `…` for the passwords and queries of the URLs in it.
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
    /// Where the passwords and queries stand in all that looks like `scheme://user:password@host?query`, in order.
    ///
    /// Where no `@` follows, and no port, a password may have been cut, or hold what ends a URL. What follows a `?` may
    /// be a key.
    var urlPasswords: [Range<Int>] {
        var passwords: [Range<Int>] = []
        var rest = self[...]
        while let sign = rest.firstRange(of: "://".unicodeScalars) {
            rest = rest[sign.upperBound...]
            guard let colon = rest.colonBehindUser else {
                if let query = rest.restOfURL.query {
                    passwords.append(query)
                    rest = rest[query.upperBound...]
                }
                continue
            }
            let text = rest[(colon + 1)...].restOfURL
            rest = rest[text.endIndex...]
            if let at = text.lastIndex(of: "@") {
                // With a `?` before it, it may stand in the query.
                let end = text[..<at].query == nil ? at : text.endIndex
                passwords += [text.startIndex..<end] + (text[end...].query.map { [$0] } ?? [])
            } else if text.isPort {
                if let query = text.query { passwords.append(query) }
            } else {
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

    /// What stands behind the first question mark; `nil` where that is nothing.
    fileprivate var query: Range<Int>? {
        guard let mark = firstIndex(of: "?"), mark + 1 < endIndex else { return nil }
        return mark + 1..<endIndex
    }

    /// Whether a port stands at the beginning.
    fileprivate var isPort: Bool {
        let digits = prefix { "0"..."9" ~= $0 }
        return !digits.isEmpty && (digits.count == count || "/?,".unicodeScalars.contains(self[digits.endIndex]))
    }
}
