internal import OrderKernel

/// One of the values of a field such as `Accept`, in lower case (RFC 9110, section 12.4.2).
struct AcceptedValue: Sendable, Equatable {
    let value: String
    /// What stands behind it, such as `version=1.0.0`; without the quotes that a value may have.
    let parameters: [String]
    /// How welcome it is: 0 is refused, 1 where nothing is said.
    let quality: Double

    /// - Parameter fields: Every value of the field.
    static func list(_ fields: [String]) -> [AcceptedValue] {
        fields.flatMap { pieces($0, at: ",") }.compactMap { element in
            let parts = pieces(element, at: ";").map { part in
                part.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
            }
            guard let value = parts.first else { return nil }
            let parameters = Array(parts.dropFirst())
            let quality = parameters.lazy.compactMap { $0.hasPrefix("q=") ? Double($0.dropFirst(2)) : nil }.first
            return AcceptedValue(value: value, parameters: parameters, quality: quality ?? 1)
        }
    }

    /// What stands between separators, other than those within quotes.
    private static func pieces(_ text: String, at separator: Character) -> [String] {
        var isQuoted = false
        let pieces: [Substring] = text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
        return pieces.map(String.init)
    }
}

extension DocumentRequest {
    /// Whether a coding is taken, such as `gzip` (RFC 9110, section 12.5.3).
    func takes(encoding: String) -> Bool {
        let codings = AcceptedValue.list(acceptEncoding)
        let names = [encoding, "x-" + encoding, "*"]
        return (names.lazy.compactMap { name in codings.last { $0.value == name } }.first?.quality ?? 0) > 0
    }
}
