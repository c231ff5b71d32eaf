/// A text cut into lines where libyaml cuts it: at LF, CR, CRLF, NEL, LS and PS.
struct SourceLines {
    /// In UTF-8, without its byte order mark.
    let bytes: ArraySlice<UInt8>
    /// Where each line begins; one more than there are line ends.
    private let starts: [Int]

    init(_ bytes: [UInt8]) {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var starts = [text.startIndex]
        var index = text.startIndex
        while index < text.endIndex {
            let length = Self.lineEnd(in: text, at: index)
            index += max(length, 1)
            if length > 0 { starts.append(index) }
        }
        self.bytes = text
        self.starts = starts
    }

    var count: Int { starts.count }

    /// A line without its end, as Unicode scalars; empty beyond the last. Bytes that are no UTF-8 become U+FFFD.
    func line(_ number: Int) -> [Unicode.Scalar] {
        guard (1...count).contains(number) else { return [] }
        let start = starts[number - 1]
        var end = start
        let next = number < count ? starts[number] : bytes.endIndex
        while end < next, Self.lineEnd(in: bytes, at: end) == 0 { end += 1 }
        return Array(String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars)
    }

    /// The nearest place that the text has: libyaml sees one more line end where the last line has none.
    func nearest(to position: SourcePosition) -> SourcePosition {
        let line = min(max(position.line, 1), count)
        let end = self.line(line).count + 1
        return SourcePosition(line: line, column: line < position.line ? end : min(max(position.column, 1), end))
    }

    /// The place of a byte, counted from the start of the text.
    func position(ofByte offset: Int) -> SourcePosition {
        let index = min(bytes.startIndex + max(offset, 0), bytes.endIndex)
        let line = starts.partitioningIndex { $0 > index }  // from 1: the first line begins nowhere behind
        let before = String(decoding: bytes[starts[line - 1]..<index], as: UTF8.self)
        return SourcePosition(line: line, column: before.unicodeScalars.count + 1)
    }

    /// How many bytes the line end at an index has; 0 where there is none.
    private static func lineEnd(in text: ArraySlice<UInt8>, at index: Int) -> Int {
        func byte(_ distance: Int) -> UInt8 { index + distance < text.endIndex ? text[index + distance] : 0 }
        switch text[index] {
        case 0x0A: return 1
        case 0x0D: return byte(1) == 0x0A ? 2 : 1
        case 0xC2: return byte(1) == 0x85 ? 2 : 0
        case 0xE2: return byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9) ? 3 : 0
        default: return 0
        }
    }
}
