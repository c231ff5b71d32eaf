/// Finds the name that someone most likely meant.
package enum DidYouMean {
    /// Longer names are not compared: the work grows with the square of the length.
    private static let longest = 64

    /// The candidate nearest to a name; `nil` when none is near. Of equally near ones, the first given.
    ///
    /// Case does not count, and `-`, a space and `_` are the same; the last words of a candidate are as near as the
    /// whole (`hosts` for `allowed_hosts`). A third of the characters may be wrong, at least one; failing that, the
    /// name may be the first third or more of a candidate (`json` for `json_lines` counts), or a candidate with words
    /// behind it (`max_body_size` for `max_body`).
    package static func closest(to name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        var best: (candidate: String, distance: Int)?
        var continued: String?
        for candidate in candidates where candidate != name {
            let other = folded(candidate)
            guard other.count <= longest else { continue }
            if let distance = nearness(wanted, other), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
            let isBeginning = wanted.count >= 3 && other.count <= 3 * wanted.count && other.starts(with: wanted)
            if isBeginning || wanted.starts(with: other + [UInt8(ascii: "_")]) { continued = continued ?? candidate }
        }
        return best?.candidate ?? continued
    }

    /// How far a name is from another; `nil` where they are not near.
    private static func nearness(_ wanted: [UInt8], _ other: [UInt8]) -> Int? {
        if wanted.count >= 3, other.suffix(wanted.count + 1).elementsEqual([UInt8(ascii: "_")] + wanted) { return 0 }
        let longer = max(wanted.count, other.count)
        let most = max(1, longer / 3)
        guard abs(other.count - wanted.count) <= most else { return nil }
        let distance = distance(wanted, other)
        return distance <= most && distance < longer ? distance : nil
    }

    private static func folded(_ name: String) -> [UInt8] {
        name.unicodeScalars.prefix(longest + 1).map { character in
            let byte = character.isASCII ? UInt8(character.value) : .max
            return switch byte {
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
