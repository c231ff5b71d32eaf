/// Shows lines of one profile, without values that may be secret.
struct ProfileExcerpts {
    /// A longer line that is not YAML is not searched for secrets, but hidden.
    private static let longest = 4_096

    private let lines: SourceLines
    private let secrecy: ExcerptSecrecy
    /// `nil` when the profile cannot be read as YAML.
    private let scalars: ProfileScalars?
    /// The line that was shown last; many problems may stand in one long line.
    private var last: (number: Int, line: ExcerptLine)?

    init(_ bytes: [UInt8], isReadable: Bool, secrecy: ExcerptSecrecy) {
        self.lines = SourceLines(bytes)
        self.secrecy = secrecy
        self.scalars = isReadable ? ProfileScalars(lines) : nil
    }

    mutating func excerpt(at position: SourcePosition) -> (line: String, caret: String) {
        if let last, last.number == position.line { return last.line.text(caretAt: position.column) }
        let text = lines.line(position.line)
        let hidden = hiddenColumns(in: text, number: position.line)
        let line = ExcerptLine(text, hiding: hidden)
        last = (position.line, line)
        return line.text(caretAt: position.column)
    }

    private func hiddenColumns(in line: [Unicode.Scalar], number: Int) -> [Range<Int>] {
        let passwords = line.urlPasswords.map { $0.lowerBound + 1..<$0.upperBound + 1 }
        let secrets = scalars.map { hiddenValues(of: $0, in: line, number: number) }
        return (passwords + (secrets ?? guessedSecret(in: line, number: number).map { [$0] } ?? []))
            .sorted { $0.lowerBound < $1.lowerBound }
    }

    private func hiddenValues(
        of scalars: ProfileScalars, in line: [Unicode.Scalar], number: Int
    ) -> [Range<Int>] {
        var hidden: [Range<Int>] = []
        var end = 1
        for span in scalars.spans(onLine: number) {
            let from = span.start.line < number ? 1 : span.start.column
            end = span.end.line > number ? line.count + 1 : span.end.column
            if !scalars.isShown(span, secrecy), from < end { hidden.append(from..<end) }
        }
        if !hidden.isEmpty, let comment = line.comment(from: end) { hidden.append(comment..<(line.count + 1)) }
        return hidden
    }

    // MARK: - Lines that are not YAML

    /// What is hidden of a line when only its looks can be judged: all behind a key that sounds like a secret's, or
    /// the whole line where such a key stands above it.
    private func guessedSecret(in line: [Unicode.Scalar], number: Int) -> Range<Int>? {
        let end = line.count + 1
        guard line.count <= Self.longest else { return 1..<end }
        let value = secretSign(in: line).map { $0 + 2 + line.dropFirst($0 + 1).indentation }
        let isAllHidden = isBelowSecret(line, number: number) || isAmongSecrets(line, number: number)
        let all = isAllHidden ? line.indentation + 1 : nil
        return [value, line.credentials, all].compactMap(\.self).min().map { $0..<max(end, $0) }
    }

    private func isBelowSecret(_ line: [Unicode.Scalar], number: Int) -> Bool {
        var depth = line.depth
        var isContinued = true
        for above in stride(from: number - 1, to: 0, by: -1) {
            let other = lines.line(above)
            guard !other.isBlank, isContinued || line.isTabbed || other.depth < depth else { continue }
            let isParent = line.isTabbed || other.depth < depth || !line.holdsColon
            if isParent, secretSign(in: other) != nil { return true }
            depth = min(depth, other.depth)
            // A text in quotes may go on over lines of any indentation.
            isContinued = isContinued && !other.holdsColon
            if depth == 0, !isContinued { break }
        }
        return false
    }

    /// Whether a line fits the indentation of no other, and may belong to a key above that is deeper.
    private func isAmongSecrets(_ line: [Unicode.Scalar], number: Int) -> Bool {
        var isSecret = false
        for above in stride(from: number - 1, to: 0, by: -1) {
            let other = lines.line(above)
            guard !other.isBlank else { continue }
            guard other.depth > line.depth else { return isSecret && other.depth < line.depth }
            isSecret = isSecret || secretSign(in: other) != nil
        }
        return isSecret
    }

    /// The index of the colon, the equals sign or the space behind the first key that sounds like a secret's.
    private func secretSign(in line: [Unicode.Scalar]) -> Int? {
        guard line.count <= Self.longest else { return 0 }
        var word: [Unicode.Scalar] = []
        var previous: Unicode.Scalar = " "
        for (index, character) in line.enumerated() {
            // What nobody sees, as in UTF-16, tears no word apart.
            if !character.isVisible, character != "\t" { continue }
            defer { previous = character }
            if character == ":" || character == "=", secrecy.isSecret(word.text) { return index }
            if character.properties.isAlphabetic || "0123456789_-./".unicodeScalars.contains(character) {
                if " \t\"'".unicodeScalars.contains(previous) { word = [] }
                word.append(character)
            } else if character == " " || character == "\t" {
                let next = line[index...].first { $0 != " " && $0 != "\t" }
                if let next, next != ":", next != "=", secrecy.isSecret(word.text) { return index }
            } else if character != "\"" && character != "'" {
                word = []
            }
        }
        return nil
    }
}

extension [Unicode.Scalar] {
    /// Whether a tab stands in the indentation: nobody knows then how deep it is meant to be.
    fileprivate var isTabbed: Bool { prefix(indentation).contains("\t") }

    /// How far the line is indented; with a tab deeper than any other.
    fileprivate var depth: Int { isTabbed ? .max : indentation }

    /// The column where a value begins as the field `Authorization` has it: `Bearer …`. Behind the word `basic`, which
    /// texts have too, stands what looks like base64.
    fileprivate var credentials: Int? {
        var start = startIndex
        for (index, character) in enumerated() where !character.properties.isAlphabetic {
            let word = character == " " ? self[start..<index].text.lowercased() : ""
            if word == "bearer" || word == "basic" && self[(index + 1)...].beginsLikeBase64 { return start + 1 }
            start = index + 1
        }
        return nil
    }

    /// The column where a comment begins, at or behind a column.
    fileprivate func comment(from column: Int) -> Int? {
        var previous: Unicode.Scalar?
        for index in indices.dropFirst(column - 1) {
            if self[index] == "#", previous == nil || previous == " " || previous == "\t" { return index + 1 }
            previous = self[index]
        }
        return nil
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// Whether the first word is longer than words are, or holds what is seldom within one.
    fileprivate var beginsLikeBase64: Bool {
        let word = prefix { !" \t\"',:}]".unicodeScalars.contains($0) }
        return word.count >= 16 || word.dropFirst().contains { $0 == "=" || "0"..."9" ~= $0 || "A"..."Z" ~= $0 }
    }
}
