/// Something that a plugin has to show, such as `/metrics`; a transport that can serve documents does.
public protocol ServiceDocument: Sendable {
    /// Where it is, from a slash on; the same each time.
    var path: String { get }

    /// Makes the document.
    func content(for request: DocumentRequest) async -> DocumentContent
}

/// What somebody takes who asks for a document: every value of these fields of the request, in the order they came.
public struct DocumentRequest: Sendable, Equatable {
    /// Values of `Accept`.
    public let accept: [String]
    /// Values of `Accept-Encoding`.
    public let acceptEncoding: [String]

    public init(accept: [String] = [], acceptEncoding: [String] = []) {
        self.accept = accept
        self.acceptEncoding = acceptEncoding
    }
}

extension DocumentRequest {
    /// Whether a coding is taken, such as `gzip` (RFC 9110, section 12.5.3).
    public func takes(encoding: String) -> Bool {
        let codings = AcceptedValue.list(acceptEncoding)
        let names = [encoding, "x-" + encoding, "*"]
        return (names.lazy.compactMap { name in codings.last { $0.value == name } }.first?.quality ?? 0) > 0
    }
}

/// One of the values of a field such as `Accept`, in lower case (RFC 9110, section 12.4.2).
public struct AcceptedValue: Sendable, Equatable {
    public let value: String
    /// What stands behind it, such as `version=1.0.0`; without the quotes that a value may have.
    public let parameters: [String]
    /// How welcome it is: 0 is refused, 1 where nothing is said.
    public let quality: Double

    /// - Parameter fields: Every value of the field.
    public static func list(_ fields: [String]) -> [AcceptedValue] {
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

/// A document as it stands.
public struct DocumentContent: Sendable, Equatable {
    /// Value of the `Content-Type` field.
    public let type: String
    /// Value of the `Content-Encoding` field, which says how the bytes were made smaller.
    public let encoding: String?
    public let bytes: [UInt8]

    public init(type: String, encoding: String? = nil, bytes: [UInt8]) {
        self.type = type
        self.encoding = encoding
        self.bytes = bytes
    }
}
