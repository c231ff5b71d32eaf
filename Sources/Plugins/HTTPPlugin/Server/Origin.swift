/// Where a web page comes from, as browsers say it (RFC 6454, section 6.1).
struct Origin: Hashable, Sendable {
    let scheme: String
    let host: String
    /// The scheme's own port where none was written.
    let port: Int

    /// - Returns: `nil` for what is no origin of a page on the web, such as `null`.
    init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        let scheme = text[..<colon].lowercased()
        guard let authority = Authority(text[colon...].dropFirst(3)),
            let port = authority.port ?? Self.port(of: scheme)
        else { return nil }
        self.scheme = scheme
        self.host = authority.host
        self.port = port
    }

    /// The port of a scheme that needs not be written.
    static func port(of scheme: String) -> Int? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
