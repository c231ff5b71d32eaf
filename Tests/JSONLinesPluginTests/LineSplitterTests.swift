import Testing

@testable import JSONLinesPlugin

@Suite("Cutting input into lines")
struct LineSplitterTests {
    /// The lines of an input that comes in pieces of one size, with their numbers; `…` for one that is too long.
    private func lines(_ input: [UInt8], piece size: Int, longest: Int = 8) -> [String] {
        var splitter = LineSplitter(longest: longest)
        var found: [String] = []
        func note(_ line: LineSplitter.Line) {
            switch line {
            case .complete(let bytes): found.append("\(splitter.number):\(String(decoding: bytes, as: UTF8.self))")
            case .tooLong: found.append("\(splitter.number):…")
            }
        }
        for start in stride(from: 0, to: input.count, by: size) {
            splitter.add(Array(input[start..<min(start + size, input.count)]))
            while let line = splitter.next() { note(line) }
        }
        if let line = splitter.last() { note(line) }
        return found
    }

    @Test(
        "lines are the same however the input comes",
        arguments: [
            ("", []), ("a\nb\n", ["1:a", "2:b"]), ("a\r\nb", ["1:a", "2:b"]), ("\n \t\r\n\na", ["4:a"]),
            ("\u{feff}a\n\u{feff}b", ["1:a", "2:\u{feff}b"]), ("\u{feff}\na", ["2:a"]), ("12345678\n", ["1:12345678"]),
            ("123456789\na", ["1:…", "2:a"]), ("\u{feff}12345678\r\na", ["1:12345678", "2:a"]),
            (String(repeating: "x", count: 100) + "\n\na", ["1:…", "3:a"]),
            (String(repeating: " ", count: 100) + "\r\na", ["2:a"]),
            ("\u{feff}" + String(repeating: "\t", count: 100), []),
            (String(repeating: " ", count: 100) + "x\nb" + String(repeating: "\r", count: 100), ["1:…", "2:…"]),
            (String(repeating: "x", count: 100), ["1:…"]), (String(repeating: "x", count: 100) + "\n", ["1:…"]),
        ], [1, 2, 3, 7, 1_000])
    func pieces(input: (text: String, lines: [String]), size: Int) {
        #expect(lines(Array(input.text.utf8), piece: size) == input.lines)
    }
}
