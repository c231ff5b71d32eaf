/// A mistake in YAML itself, in words for somebody who does not know the grammar.
struct SyntaxMistake {
    /// Repeats no value of the profile.
    var message: String
    var position: SourcePosition

    init(_ message: String, at position: SourcePosition) {
        self.message = message
        self.position = position
    }

    /// Finds the likely mistake behind what libyaml says.
    init(_ failure: YAMLFailure, in lines: SourceLines) {
        let noticed = failure.position ?? SourcePosition(line: 1, column: 1)
        let begun = failure.start ?? noticed
        if let offset = failure.offset {
            self = Self.unreadable(failure.problem, at: offset, in: lines)
            return
        }
        if let mistake = Self.quotation(endingBefore: noticed, in: lines) ?? Self.foreignLine(at: noticed, in: lines) {
            self = mistake
            return
        }
        self =
            switch failure.problem {
            case "did not find expected node content" where lines.ends(before: noticed) && failure.bracket != nil:
                Self.openBracket(from: failure.bracket ?? noticed, in: lines)
            case "mapping values are not allowed in this context": Self.colon(at: noticed, in: lines)
            case "could not find expected ':'":
                Self.itemWithoutSpace(at: begun, in: lines) ?? Self.missingSpace(at: begun, in: lines)
                    ?? Self("the ': ' of 'key: value' is missing here", at: begun)
            case "found unexpected ':'":
                Self.missingSpace(at: begun, in: lines) ?? Self("a text that holds ':' needs quotes here", at: begun)
            case "did not find expected key": Self.unexpected("key", at: noticed, in: lines)
            case "did not find expected '-' indicator": Self.unexpected("list item", at: noticed, in: lines)
            case "did not find expected <document start>": Self.afterEnd(at: noticed, in: lines)
            case "did not find expected ',' or ']'": Self.unclosed("]", from: begun, at: noticed, in: lines)
            case "did not find expected ',' or '}'": Self.unclosed("}", from: begun, at: noticed, in: lines)
            case let problem where Self.openQuote.contains(problem):
                Self("the quotation that begins here with \(lines.character(at: begun)) never ends", at: begun)
            case let problem where Self.misreadText.contains(problem):
                Self("a text that begins with \(lines.character(at: begun)) needs quotes", at: begun)
            default: Self.character(failure.problem, at: noticed, in: lines)
            }
    }

    private static let openQuote = ["found unexpected end of stream", "found unexpected document indicator"]

    /// A character at the start of a text that means something else to YAML.
    private static let misreadText = [
        "did not find expected alphabetic or numeric character", "did not find expected comment or line break",
        "found unexpected non-alphabetical character", "could not find expected directive name",
        "found undefined tag handle", "did not find the expected '>'", "did not find expected '!'",
        "did not find expected whitespace or line break", "did not find expected tag URI",
        "found unknown directive name",
    ]

    private static func character(_ problem: String, at noticed: SourcePosition, in lines: SourceLines) -> Self {
        let found = lines.character(at: noticed)
        return switch problem {
        case "found character that cannot start any token" where found != "a tab":
            Self("a text that begins with \(found) needs quotes", at: noticed)
        case "found character that cannot start any token", "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            Self("a tab cannot indent in YAML; use spaces", at: noticed)
        case "block sequence entries are not allowed in this context":
            Self(
                "a list item needs a line of its own below its key; a text that begins with '-' needs quotes",
                at: noticed)
        case "mapping keys are not allowed in this context":
            Self("a text that begins with '?' needs quotes", at: noticed)
        case "found incompatible YAML document":
            Self("a profile is YAML 1.1 or 1.2; leave the '%YAML' line out", at: noticed)
        case "did not find expected node content" where found == "':'":
            Self("a value is missing before ':'; a text that begins with it needs quotes", at: noticed)
        case "did not find expected node content":
            Self("a value is missing before \(found)", at: noticed)
        case "found unknown escape character", "did not find expected hexdecimal number":
            Self("no escape that YAML knows; write '\\\\' for a backslash, or use single quotes", at: noticed)
        case "found invalid Unicode character escape code":
            Self("the escape names no character; write it itself, or '\\U' and eight digits", at: noticed)
        default:
            Self("the text is not YAML: \(problem)", at: noticed)
        }
    }

    private static func unreadable(_ problem: String, at offset: Int, in lines: SourceLines) -> Self {
        let position = lines.position(ofByte: offset)
        if let encoding = encoding(lines.bytes.prefix(4)) {
            return Self("the file is in \(encoding); save it in UTF-8", at: position)
        }
        if problem == "control characters are not allowed" {
            return Self("\(lines.character(at: position)) cannot stand in a profile", at: position)
        }
        return Self("a byte that is no UTF-8; save the file in UTF-8", at: position)
    }

    /// The encoding whose mark a file begins with, or else in which it begins with two characters of ASCII.
    private static func encoding(_ start: ArraySlice<UInt8>) -> String? {
        if start.elementsEqual([0xFF, 0xFE, 0, 0]) || start.elementsEqual([0, 0, 0xFE, 0xFF]) { return "UTF-32" }
        let isMarked = start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF])
        let zeros = start.map { $0 == 0 }
        return isMarked || zeros == [false, true, false, true] || zeros == [true, false, true, false] ? "UTF-16" : nil
    }
}
