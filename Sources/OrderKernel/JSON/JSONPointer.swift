/// JSON Pointers (RFC 6901).
enum JSONPointer {
    /// One reference token with its slash: `~` and `/` escaped.
    static func component(_ name: String) -> String {
        var token = "/"
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}
