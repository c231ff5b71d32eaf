/// Something that a plugin has to show, such as `/metrics`; a transport that can serve documents does.
public protocol ServiceDocument: Sendable {
    /// Where it is, from a slash on; the same each time.
    var path: String { get }

    /// Makes the document.
    /// - Parameter accept: Every value of the request's `Accept` field, in the order they came.
    func content(accept: [String]) async -> DocumentContent
}

/// A document as it stands.
public struct DocumentContent: Sendable, Equatable {
    /// Value of the `Content-Type` field.
    public let type: String
    public let bytes: [UInt8]

    public init(type: String, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }
}
