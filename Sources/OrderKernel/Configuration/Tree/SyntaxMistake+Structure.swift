/// Mistakes of indentation, colons and brackets, which libyaml notices later than they are made.
extension SyntaxMistake {
    /// A `: ` where no key can stand.
    static func colon(at noticed: SourcePosition, in lines: SourceLines) -> SyntaxMistake {
        let line = lines.line(noticed.line)
        let here = SourcePosition(line: noticed.line, column: line.indentation + 1)
        let before = line.prefix(noticed.column - 1)
        if before.holdsColon {
            let advice = before.endsWithName ? "; a key needs a line of its own, below the one that it belongs to" : ""
            return SyntaxMistake("a value that holds ': ', or ends with ':', needs quotes\(advice)", at: noticed)
        }
        for number in stride(from: noticed.line - 1, to: max(noticed.line - 32, 0), by: -1) {
            let above = lines.line(number)
            guard !above.isBlank else { continue }
            let start = SourcePosition(line: number, column: above.content.startIndex + 1)
            if let mistake = KeyWithoutSpace(above.content.text) { return SyntaxMistake(mistake.advice, at: start) }
            guard above.holdsColon else { return SyntaxMistake("the ': ' of 'key: value' is missing here", at: start) }
            guard above.indentation < line.indentation else { break }
            return SyntaxMistake(
                "indented below a key that has its value already; align it with line \(number)", at: here)
        }
        return SyntaxMistake("a ': ' cannot stand here; a text that holds one needs quotes", at: noticed)
    }

    /// A key whose colon has no space behind it; `nil` where there is none.
    static func missingSpace(at begun: SourcePosition, in lines: SourceLines) -> SyntaxMistake? {
        let text = lines.line(begun.line).dropFirst(begun.column - 1).text
        return KeyWithoutSpace(text).map { SyntaxMistake($0.advice, at: begun) }
    }

    /// `-maple` below `- oak`, or below a key without a value; `nil` where no list item can stand.
    static func itemWithoutSpace(at begun: SourcePosition, in lines: SourceLines) -> SyntaxMistake? {
        let line = lines.line(begun.line)
        guard line.indentation == begun.column - 1, line.dropFirst(begun.column - 1).first == "-" else { return nil }
        let continuesList = stride(from: begun.line - 1, to: 0, by: -1).lazy.map { lines.line($0) }.first {
            !$0.isBlank && $0.indentation <= line.indentation
        }.map { above in
            let isItem = above.indentation == line.indentation && above.dropFirst(above.indentation).startsItem
            return isItem || above.last { $0 != " " } == ":"
        }
        return continuesList == true ? SyntaxMistake("write a space after the '-'", at: begun) : nil
    }

    /// A quotation over several lines that ends right before what libyaml refuses: its end is the beginning of another.
    /// `nil` where there is none.
    static func quotation(endingBefore noticed: SourcePosition, in lines: SourceLines) -> SyntaxMistake? {
        var last: YAMLEvent?
        try? YAMLEvents.read(lines.bytes) { (events) throws(ProfileFailure) in
            repeat { last = try events.next() } while last?.isStreamEnd == false
        }
        guard let last, case .scalar(_, isPlain: false) = last.kind, last.start.line < last.end.line,
            last.end.line == noticed.line, last.end <= noticed
        else { return nil }
        let line = lines.line(noticed.line).prefix(noticed.column - 1)
        guard let quote = line.prefix(last.end.column - 1).last, quote == "\"" || quote == "'",
            line.dropFirst(last.end.column - 1).isBlank
        else { return nil }
        return SyntaxMistake(
            "the quotation that begins here goes on to line \(noticed.line), where other text follows it: "
                + "its closing '\(quote)' is probably missing", at: last.start)
    }

    /// Something else than what the list or map goes on with.
    static func unexpected(_ expected: String, at noticed: SourcePosition, in lines: SourceLines) -> SyntaxMistake {
        let line = lines.line(noticed.line)
        let before = line.prefix(noticed.column - 1)
        guard before.isBlank else { return afterValue(before, at: noticed) }
        if line.dropFirst(noticed.column - 1).first == ":" {
            return SyntaxMistake("a key is missing before the ':'", at: noticed)
        }
        if expected == "key", line.dropFirst(noticed.column - 1).startsItem {
            return SyntaxMistake("a list item among keys; indent it below its key, or drop the '-'", at: noticed)
        }
        if let mistake = itemWithoutSpace(at: noticed, in: lines) { return mistake }
        return SyntaxMistake("the indentation fits no \(expected) above; align it with its neighbours", at: noticed)
    }

    static func afterEnd(at noticed: SourcePosition, in lines: SourceLines) -> SyntaxMistake {
        let before = lines.line(noticed.line).prefix(noticed.column - 1)
        guard before.isBlank else { return afterValue(before, at: noticed) }
        let above = stride(from: noticed.line - 1, to: 0, by: -1).first { !lines.line($0).isBlank } ?? 0
        let content = lines.line(above).content
        if let mistake = KeyWithoutSpace(content.text) {
            return SyntaxMistake(mistake.advice, at: SourcePosition(line: above, column: content.startIndex + 1))
        }
        let first = (1...noticed.line).first { !lines.line($0).isBlank } ?? noticed.line
        if lines.line(first).indentation > noticed.column - 1 {
            return SyntaxMistake("line \(first) is indented deeper than this; align the two", at: noticed)
        }
        return SyntaxMistake("the profile has ended above; nothing can follow", at: noticed)
    }

    /// A line at a position, or the last above it, that other tools and languages have; `nil` where there is none.
    static func foreignLine(at noticed: SourcePosition, in lines: SourceLines) -> SyntaxMistake? {
        let above = stride(from: noticed.line - 1, to: 0, by: -1).first { !lines.line($0).isBlank }
        for number in [above, noticed.line].compactMap(\.self) {
            let line = lines.line(number)
            let position = SourcePosition(line: number, column: line.indentation + 1)
            let text = line.dropFirst(line.indentation).text
            if text.hasPrefix("//") || text.hasPrefix(";") {
                return SyntaxMistake("a comment begins with '#'", at: position)
            }
            if ["<<<<<<< ", "=======", ">>>>>>> "].contains(where: text.hasPrefix) {
                return SyntaxMistake(
                    "two versions of the file were merged here in vain: keep one of them", at: position)
            }
        }
        return nil
    }

    private static func afterValue(_ before: ArraySlice<Unicode.Scalar>, at noticed: SourcePosition) -> SyntaxMistake {
        guard let last = before.last(where: { $0 != " " && $0 != "\t" }), "\"']}".unicodeScalars.contains(last) else {
            return SyntaxMistake("text that belongs to nothing; a value with such characters needs quotes", at: noticed)
        }
        let advice = last == "'" ? "; a ' inside single quotes is written twice" : ""
        return SyntaxMistake("nothing but a comment can follow the closing '\(last)'\(advice)", at: noticed)
    }

    /// A list or map in brackets that goes on with something else than a comma or its end.
    static func unclosed(
        _ closing: String, from begun: SourcePosition, at noticed: SourcePosition,
        in lines: SourceLines
    ) -> SyntaxMistake {
        let line = lines.line(noticed.line)
        if line.prefix(noticed.column - 1).last == "$", line.dropFirst(noticed.column - 1).first == "{" {
            let position = SourcePosition(line: noticed.line, column: noticed.column - 1)
            return SyntaxMistake("a '${…}' inside brackets needs quotes", at: position)
        }
        let isOutside = noticed.line > begun.line && line.indentation <= lines.line(begun.line).indentation
        if isOutside || line.dropFirst(noticed.column - 1).isBlank {
            return openBracket(from: begun, in: lines)
        }
        return SyntaxMistake("a ',' or '\(closing)' is missing before this", at: noticed)
    }

    /// A list or map in brackets without an end.
    /// - Parameter begun: Where it begins, with its anchor or tag.
    static func openBracket(from begun: SourcePosition, in lines: SourceLines) -> SyntaxMistake {
        let rest = lines.line(begun.line).dropFirst(begun.column - 1)
        let index = rest.firstIndex { $0 == "[" || $0 == "{" } ?? rest.startIndex
        let brackets = rest[index...].first == "{" ? ("{", "}") : ("[", "]")
        return SyntaxMistake(
            "the '\(brackets.0)' here is never closed by a '\(brackets.1)'",
            at: SourcePosition(line: begun.line, column: index + 1))
    }
}

extension SourceLines {
    /// Whether the text ends before a position.
    func ends(before position: SourcePosition) -> Bool {
        position.line >= count && line(position.line).dropFirst(position.column - 1).isEmpty
    }

    /// Names the character at a position, for a message.
    func character(at position: SourcePosition) -> String {
        let line = line(position.line)
        guard line.indices.contains(position.column - 1) else { return "the end of the line" }
        let character = line[position.column - 1]
        if character == "\t" { return "a tab" }
        guard character.isVisible else { return "the character \(character.codePoint)" }
        return "'\(character)'"
    }
}
