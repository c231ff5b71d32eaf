/// JSON Pointers (RFC 6901).
enum JSONPointer {
    /// Unicode scalars of a name that a pointer repeats, so that a huge name does not make a huge answer.
    static let longestName = 256

    /// One reference token with its slash: `~` and `/` escaped, what is too long cut off and marked by `…`.
    static func component(_ name: String) -> String {
        var token = "/"
        let scalars = name.unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: longestName, limitedBy: scalars.endIndex)
        for scalar in scalars[..<(end ?? scalars.endIndex)] {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return end ?? scalars.endIndex == scalars.endIndex ? token : token + "…"
    }
}
