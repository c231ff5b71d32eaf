extension String {
    /// The text with what a terminal would obey, or not show, written as `\u{1B}`.
    package var printable: String {
        guard unicodeScalars.contains(where: { !$0.isVisible }) else { return self }
        return unicodeScalars.reduce(into: "") { text, character in
            text += character.isVisible ? String(character) : character.escaped(asASCII: true)
        }
    }

    /// The text with spaces behind, up to a width.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
