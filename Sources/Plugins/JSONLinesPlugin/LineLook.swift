import OrderKernel

/// What a line that is not JSON looks like, for whoever sent the wrong file.
enum LineLook {
    /// The problem with a hint, where the line does not begin as an object that goes on.
    @inline(never)  // keeps the frame of lines that are read small
    static func explained(_ problem: Problem, _ line: UnsafeRawBufferPointer) -> Problem {
        guard problem.code == .invalidJSON, let hint = hint(line) else { return problem }
        var problem = problem
        problem.detail += " \(hint)"
        return problem
    }

    private static func hint(_ line: UnsafeRawBufferPointer) -> String? {
        let start = line.prefix(4)
        if start.starts(with: [0x1f, 0x8b]) { return "This looks like gzip: unpack it first, as `zcat` does." }
        if !start.contains(where: { $0 != 0 }) {
            return "These are zero bytes, as in a file that was not written to its end."
        }
        if start.starts(with: [0xff, 0xfe]) || start.starts(with: [0xfe, 0xff]) || start.contains(0) {
            return "This looks like UTF-16: make it UTF-8, as `iconv` does."
        }
        if start.starts(with: [0xef, 0xbb, 0xbf]) {
            return #"A byte order mark may only begin the input: `sed 's/^\xef\xbb\xbf//'` removes each."#
        }
        let text = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let first = text.first else { return nil }
        switch Character(UnicodeScalar(first)) {
        case "{" where text.count > 1: return nil
        case "[": return "Each line is one object: `jq -c '.[]'` makes lines of an array."
        case "{", "}", "]", "\"": return "Each line is one whole object: `jq -c .` makes lines of objects on several."
        default: return #"Each line is an object: {"customer_id": "c", "wood_type": "oak", "quantity": 5}"#
        }
    }
}
