/// Finds the name that someone most likely meant.
package enum DidYouMean {
    /// Longer names are not compared: the work grows with the square of the length.
    private static let longest = 64

    /// The candidate nearest to a name; `nil` when none is near. Of equally near ones, the first given.
    ///
    /// Case does not count, and `-`, a space and `_` are the same. A third of the characters may be wrong, at least
    /// one; failing that, the name may be the first half or more of a candidate (`json` for `json_lines` counts).
    package static func closest(to name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        var best: (candidate: String, distance: Int)?
        var continued: String?
        for candidate in candidates where candidate != name {
            let other = folded(candidate)
            guard other.count <= longest else { continue }
            let most = max(1, max(wanted.count, other.count) / 3)
            if abs(other.count - wanted.count) <= most {
                let distance = distance(wanted, other)
                if distance <= most, distance < max(wanted.count, other.count), distance < best?.distance ?? .max {
                    best = (candidate, distance)
                }
            }
            if wanted.count >= 3, other.count <= 3 * wanted.count, other.starts(with: wanted) {
                continued = continued ?? candidate
            }
        }
        return best?.candidate ?? continued
    }

    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.prefix(longest + 1).map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "-"), UInt8(ascii: " "): UInt8(ascii: "_")
            default: byte
            }
        }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string
    /// alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
