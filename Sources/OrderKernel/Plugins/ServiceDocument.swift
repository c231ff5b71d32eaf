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

/// A document as it stands.
public struct DocumentContent: Sendable, Equatable {
    /// Value of the `Content-Type` field.
    public let type: String
    /// Value of the `Content-Encoding` field, which says how the bytes were made smaller.
    public let encoding: String?
    /// The body, in that encoding.
    public let bytes: [UInt8]

    public init(type: String, encoding: String? = nil, bytes: [UInt8]) {
        self.type = type
        self.encoding = encoding
        self.bytes = bytes
    }
}
