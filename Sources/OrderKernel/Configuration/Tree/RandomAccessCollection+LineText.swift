/// What the characters of a profile's line say of its structure.
extension RandomAccessCollection<Unicode.Scalar> {
    var text: String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: self)
        return String(scalars)
    }

    var isBlank: Bool { allSatisfy { $0 == " " || $0 == "\t" } || first { $0 != " " && $0 != "\t" } == "#" }

    /// How many spaces and tabs the line begins with.
    var indentation: Int { prefix { $0 == " " || $0 == "\t" }.count }

    /// Whether a colon stands here that ends a key.
    var holdsColon: Bool {
        zip(self, dropFirst()).contains { $0 == ":" && ($1 == " " || $1 == "\t") } || last == ":"
    }

    /// Whether the last word stands right behind a colon, and could be a key.
    var endsWithName: Bool {
        let marks = "0123456789_-/".unicodeScalars
        let head = reversed().drop { $0.isASCII && $0.properties.isAlphabetic || marks.contains($0) }
        return head.count < count && head.first == " " && head.first { $0 != " " } == ":"
    }

    /// Whether a list item begins here.
    var startsItem: Bool { first == "-" && (count == 1 || dropFirst().first == " ") }
}

extension [Unicode.Scalar] {
    /// The line without its indentation and the `- ` of list items.
    var content: ArraySlice<Unicode.Scalar> {
        var rest = dropFirst(indentation)
        while rest.startsItem { rest = rest.dropFirst().drop { $0 == " " } }
        return rest
    }
}
