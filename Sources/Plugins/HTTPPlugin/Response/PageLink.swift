internal import OrderKernel

/// Where the next page of a list is: the same path and parameters, from another position.
struct PageLink: Sendable {
    private let path: String
    /// Parameters that the path says.
    private let inPath: [String]
    private var query = ""

    init(path: String, inPath: [String] = []) {
        self.path = path
        self.inPath = inPath
    }

    /// Keeps parameters, but for those that say where the page begins.
    func with(_ parameters: [(name: String, value: String)]) -> PageLink {
        var link = self
        for (name, value) in parameters where name != "after" && name != "skip" && !inPath.contains(name) {
            link.query += "\(PercentEncoding.encoded(name))=\(PercentEncoding.encoded(value))&"
        }
        return link
    }

    /// The value of the `Link` field (RFC 8288, section 3).
    func field(next: String) -> String {
        "<\(path)?\(query)after=\(PercentEncoding.encoded(next))>; rel=\"next\""
    }
}
