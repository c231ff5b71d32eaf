import Glibc

/// Cuts an input that comes in pieces into lines.
///
/// Holds at most the beginning of one line besides the piece it was given last.
struct LineSplitter {
    /// A line with something on it.
    enum Line {
        /// The line's bytes, without its end.
        case complete(ArraySlice<UInt8>)
        /// Longer than allowed; its bytes are gone.
        case tooLong
    }

    /// Longest line, in bytes without its end.
    let longest: Int
    /// Number of the line returned last, from 1; blank ones count.
    private(set) var number = 0
    private var piece: ArraySlice<UInt8> = []
    /// Beginning of the line that the pieces before left open.
    private var open: [UInt8] = []
    private var excess = Excess.none

    /// What came before the piece of a line that is longer than allowed, and is not kept.
    private enum Excess {
        case none
        case blanks
        /// The line was refused.
        case refused
    }

    /// Whether the piece is not used up.
    var hasMore: Bool { !piece.isEmpty }

    init(longest: Int) {
        self.longest = longest
    }

    /// Adds what follows; the piece before must have been used up.
    mutating func add(_ piece: [UInt8]) {
        self.piece = piece[...]
    }

    /// The next line that is not blank; `nil` when the piece is used up.
    mutating func next() -> Line? {
        while let end = endOfLine() {
            let rest = piece[piece.startIndex..<end]
            piece = piece[(end + 1)...]
            if let line = finish(rest) { return line }
        }
        return keepOpen()
    }

    /// The last line, where the input ends without a line end.
    mutating func last() -> Line? {
        guard excess != .none || !open.isEmpty else { return nil }
        return finish([])
    }

    private func endOfLine() -> Int? {
        piece.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let end = memchr(start, 0x0a, bytes.count) else { return nil }
            return piece.startIndex + (UnsafeRawPointer(end) - start)
        }
    }

    /// The line that ends with these bytes; `nil` where it is blank or was refused already.
    private mutating func finish(_ rest: ArraySlice<UInt8>) -> Line? {
        defer { excess = .none }
        if excess == .refused { return nil }
        var line = rest
        if !open.isEmpty {
            line = (open + rest)[...]
            open = []
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        line = unmarked(line)
        number += 1
        if Self.isBlank(line) { return nil }
        return line.count > longest || excess == .blanks ? .tooLong : .complete(line)
    }

    /// Keeps the rest of the piece for the line's end, or refuses the line as soon as it is too long and not blank.
    private mutating func keepOpen() -> Line? {
        defer { piece = [] }
        if excess == .refused || piece.isEmpty { return nil }
        open += piece
        guard excess == .blanks || open.count > longest + Self.mostBesides else { return nil }
        excess = Self.isBlank(unmarked(open[...])) ? .blanks : .refused
        open = []
        guard excess == .refused else { return nil }
        number += 1
        return .tooLong
    }

    /// The line without the byte order mark that an input may begin with.
    private func unmarked(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        number == 0 && excess == .none && line.starts(with: [0xef, 0xbb, 0xbf]) ? line.dropFirst(3) : line
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
    }

    /// Bytes that may stand in a line without counting: a byte order mark and a carriage return.
    private static let mostBesides = 4
}
