/// A line of a profile with a caret under it, fit for a terminal.
struct ExcerptLine {
    /// Columns of the terminal that an excerpt takes at most.
    static let width = 100

    /// A character as it is shown, and the column of the profile that it stands for.
    private struct Cell {
        var character: Unicode.Scalar
        var column: Int
    }

    private var cells: [Cell] = []

    /// - Parameter hidden: Columns that are shown as `…`, in order.
    init(_ line: [Unicode.Scalar], hiding hidden: [Range<Int>]) {
        var hidden = hidden[...]
        for (index, character) in line.enumerated() {
            let column = index + 1
            while let range = hidden.first, range.upperBound <= column { hidden.removeFirst() }
            if let range = hidden.first, range.contains(column) {
                if cells.last?.character != "…" { cells.append(Cell(character: "…", column: column)) }
            } else {
                cells.append(Cell(character: Self.shown(character), column: column))
            }
        }
    }

    /// The line and the caret line, both cut to a window around a column.
    func text(caretAt column: Int) -> (line: String, caret: String) {
        var target = cells.partitioningIndex { $0.column >= column }
        if target > 0, target == cells.count || cells[target].column > column, cells[target - 1].character == "…" {
            target -= 1
        }
        let start = max(0, min(target - Self.width / 2, cells.count - Self.width))
        let end = min(cells.count, start + Self.width)
        let before = (start > 0 ? "…" : "") + cells[start..<target].map(\.character).text
        let after = cells[target..<max(end, target)].map(\.character).text + (end < cells.count ? "…" : "")
        let indent = before.unicodeScalars.reduce(0) { $0 + $1.displayWidth }
        return (before + after, String(repeating: " ", count: indent) + "^")
    }

    /// A tab is as wide as a space; what a terminal would obey, or not show, becomes U+FFFD.
    private static func shown(_ character: Unicode.Scalar) -> Unicode.Scalar {
        if character == "\t" { return " " }
        return character.isVisible ? character : "\u{FFFD}"
    }
}
