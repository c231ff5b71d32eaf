/// Reads one JSON text, strictly (RFC 8259): what it finds wrong ends the reading.
///
/// Refuses beyond the grammar: duplicate members however they are spelled, invalid UTF-8, lone surrogates, and nesting
/// deeper than ``depths``.
struct JSONReader {
    /// Deepest nesting of arrays and objects.
    static let depths = 32
    /// From this number of members on, names are looked up in a set.
    private static let fewMembers = 16

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Reads the whole text: one value and nothing behind it.
    /// - Parameter members: Holds the value's members afterwards where it is an object, else nothing.
    mutating func read(members: inout [JSONMember]) throws(Problem) -> JSONValue.Kind {
        members.removeAll(keepingCapacity: true)
        skipSpace()
        let value = try value(members: &members)
        skipSpace()
        guard position == bytes.count else { throw problem("There is something behind the JSON value.") }
        return value.kind
    }

    private mutating func value(members: inout [JSONMember]) throws(Problem) -> JSONValue {
        let start = position
        switch peek {
        case UInt8(ascii: "\""):
            let text = try string()
            return value(.string, from: start, hasEscapes: text.hasEscapes)
        case UInt8(ascii: "-"), 0x30...0x39:
            try number()
            return value(.number, from: start)
        case UInt8(ascii: "{"):
            try object(members: &members)
            return value(.object, from: start)
        case UInt8(ascii: "["):
            try array()
            return value(.array, from: start)
        case UInt8(ascii: "t"): return try literal("true", .boolean)
        case UInt8(ascii: "f"): return try literal("false", .boolean)
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected("a value")
        }
    }

    private func value(_ kind: JSONValue.Kind, from start: Int, hasEscapes: Bool = false) -> JSONValue {
        JSONValue(kind: kind, bytes: slice(start, position), hasEscapes: hasEscapes)
    }

    private mutating func object(members: inout [JSONMember]) throws(Problem) {
        try descend()
        var names = Set<JSONText>()
        skipSpace()
        if peek != UInt8(ascii: "}") {
            repeat {
                skipSpace()
                let name = try memberName(behind: members, names: &names)
                members.append(JSONMember(name: name, value: try memberValue(name)))
            } while try goesOn(before: UInt8(ascii: "}"), "',' or '}'")
        }
        position += 1
        depth -= 1
    }

    private mutating func memberName(
        behind members: [JSONMember], names: inout Set<JSONText>
    ) throws(Problem) -> JSONText {
        let start = position
        guard peek == UInt8(ascii: "\"") else { throw unexpected("the name of a member") }
        let name = try string()
        let isNew: Bool
        if members.count < Self.fewMembers {
            isNew = !members.contains { $0.name == name }
        } else {
            if names.isEmpty { names = Set(members.map(\.name)) }
            isNew = names.insert(name).inserted
        }
        guard isNew else {
            position = start
            throw problem("A member is given twice.", in: name.string)
        }
        return name
    }

    private mutating func memberValue(_ name: JSONText) throws(Problem) -> JSONValue {
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw unexpected("':'") }
        position += 1
        skipSpace()
        do throws(Problem) {
            var nested: [JSONMember] = []
            return try value(members: &nested)
        } catch {
            throw error.inside(name.string)
        }
    }

    private mutating func array() throws(Problem) {
        try descend()
        var index = 0
        skipSpace()
        if peek != UInt8(ascii: "]") {
            repeat {
                skipSpace()
                do throws(Problem) {
                    var nested: [JSONMember] = []
                    _ = try value(members: &nested)
                } catch {
                    throw error.inside(String(index))
                }
                index += 1
            } while try goesOn(before: UInt8(ascii: "]"), "',' or ']'")
        }
        position += 1
        depth -= 1
    }

    private mutating func descend() throws(Problem) {
        guard depth < Self.depths else { throw problem("The nesting is deeper than \(Self.depths).") }
        depth += 1
        position += 1
    }

    /// Passes a comma and says yes, or stays before the end of an array or object and says no.
    private mutating func goesOn(before end: UInt8, _ expected: StaticString) throws(Problem) -> Bool {
        skipSpace()
        if peek == end { return false }
        guard peek == UInt8(ascii: ",") else { throw unexpected(expected) }
        position += 1
        return true
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONValue.Kind) throws(Problem) -> JSONValue {
        let start = position
        let isThere = word.withUTF8Buffer { slice(start, min(start + $0.count, bytes.count)).elementsEqual($0) }
        guard isThere else { throw unexpected("a value") }
        position += word.utf8CodeUnitCount
        return value(kind, from: start)
    }

    private mutating func number() throws(Problem) {
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") {
            position += 1
            if 0x30...0x39 ~= peek { throw problem("A number has a zero before its first digit.") }
        } else {
            try digits()
        }
        if peek == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek | 0x20 == UInt8(ascii: "e") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Problem) {
        guard 0x30...0x39 ~= peek else { throw unexpected("a digit") }
        repeat { position += 1 } while 0x30...0x39 ~= peek
    }
}

extension JSONReader {
    private mutating func string() throws(Problem) -> JSONText {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            let byte = peek
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return JSONText(bytes: slice(start, position), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0x20..<0x80: position += 1
            case 0x80...: try multibyteScalar()
            default:
                throw position < bytes.count
                    ? problem("A string holds a control character.") : unexpected("the end of a string")
            }
        }
    }

    private mutating func escape() throws(Problem) {
        let start = position
        position += 1
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            try unicodeEscape(from: start)
        default: throw problem("A string holds an unknown escape.", at: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(Problem) {
        guard let unit = JSONText.hexadecimal(bytes, at: position) else {
            throw problem("A '\\u' lacks its four hexadecimal digits.", at: start)
        }
        position += 4
        guard 0xd800...0xdfff ~= unit else { return }
        let isPair =
            unit < 0xdc00 && peek == UInt8(ascii: "\\") && position + 1 < bytes.count
            && bytes[position + 1] == UInt8(ascii: "u")
            && 0xdc00...0xdfff ~= (JSONText.hexadecimal(bytes, at: position + 2) ?? 0)
        guard isPair else { throw problem("A string holds half of a surrogate pair.", at: start) }
        position += 6
    }

    /// Passes one scalar of two to four bytes, well-formed as Unicode 15, table 3-7, has it.
    private mutating func multibyteScalar() throws(Problem) {
        let rest: Int
        let second: ClosedRange<UInt8>
        switch peek {
        case 0xc2...0xdf: (rest, second) = (1, 0x80...0xbf)
        case 0xe0: (rest, second) = (2, 0xa0...0xbf)
        case 0xed: (rest, second) = (2, 0x80...0x9f)
        case 0xe1...0xef: (rest, second) = (2, 0x80...0xbf)
        case 0xf0: (rest, second) = (3, 0x90...0xbf)
        case 0xf1...0xf3: (rest, second) = (3, 0x80...0xbf)
        case 0xf4: (rest, second) = (3, 0x80...0x8f)
        default: throw problem("The text is not UTF-8.")
        }
        let end = position + rest
        guard end < bytes.count, second ~= bytes[position + 1],
            slice(position + 2, end + 1).allSatisfy({ 0x80...0xbf ~= $0 })
        else { throw problem("The text is not UTF-8.") }
        position = end + 1
    }

    /// The next byte; 0, which JSON has nowhere, at the end.
    private var peek: UInt8 {
        @inline(__always) get { position < bytes.count ? bytes[position] : 0 }
    }

    @inline(__always)
    private mutating func skipSpace() {
        while true {
            switch peek {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private func unexpected(_ expected: StaticString) -> Problem {
        problem(position < bytes.count ? "Here should be \(expected)." : "The text ends where \(expected) should be.")
    }

    private func problem(_ detail: String, at offset: Int? = nil, in name: String? = nil) -> Problem {
        let problem = Problem(.invalidJSON, detail, offset: offset ?? position)
        return name.map(problem.inside) ?? problem
    }
}

extension Problem {
    /// The problem as seen from one level further out.
    fileprivate func inside(_ component: String) -> Problem {
        var problem = self
        problem.pointer = JSONPointer.component(component) + (pointer ?? "")
        return problem
    }
}
