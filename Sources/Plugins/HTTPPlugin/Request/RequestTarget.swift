internal import OrderKernel

/// What a request line names: a path and a query (RFC 9112, section 3.2).
struct RequestTarget {
    /// Host of a target in absolute form, which then stands for the `Host` field.
    let authority: Substring?
    /// As it came, without what follows a `?` or a `#`.
    let path: Substring
    let query: Substring
    /// Whether a `#` followed, which no target has; what stands behind it is told to nobody.
    let hasFragment: Bool

    /// - Returns: `nil` for what is neither a path nor a URL of scheme `http` or `https`.
    init?(_ uri: String) {
        var rest = uri[...]
        let mark = rest.firstIndex(ofByte: UInt8(ascii: "#"))
        hasFragment = mark != nil
        rest = rest[..<(mark ?? rest.endIndex)]
        if rest.utf8.first == UInt8(ascii: "/") || rest == "*" {
            authority = nil
        } else {
            guard let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://"),
                Origin.port(of: rest[..<colon].lowercased()) != nil
            else { return nil }
            rest = rest[colon...].dropFirst(3)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = rest[..<end]
            rest = rest[end...]
        }
        let end = rest.firstIndex(ofByte: UInt8(ascii: "?")) ?? rest.endIndex
        path = end == rest.startIndex ? "/" : rest[..<end]
        query = rest[end...].dropFirst()
    }

    /// The path's segments, decoded, trailing slashes left out: `/orders/1/` has `orders` and `1`.
    ///
    /// - Returns: `nil` for a path that is no valid encoding of text, or has a fragment behind it.
    var segments: [Substring]? {
        if hasFragment { return nil }
        let path = path.utf8.withoutTrailingSlashes
        let parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard path.contains(UInt8(ascii: "%")) else { return parts.map { Substring($0) } }
        let decoded = parts.compactMap { PercentEncoding.decoded(Substring($0))?[...] }
        return decoded.count == parts.count ? decoded : nil
    }

    /// Whether the path is another one; slashes at the end make no difference.
    func hasPath(_ other: String) -> Bool {
        path.utf8.withoutTrailingSlashes.elementsEqual(other[...].utf8.withoutTrailingSlashes)
    }

    /// The query as telemetry may have it: without the signatures that OpenTelemetry's semantic conventions name.
    var publicQuery: String {
        let parts = query.split(separator: "&", omittingEmptySubsequences: false).map { part in
            let name = part.prefix { $0 != "=" }
            return Self.secretParameters.contains(name) && name.count < part.count ? "\(name)=REDACTED" : part
        }
        return parts.joined(separator: "&")
    }

    private static let secretParameters: Set<Substring> = ["AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature"]

    /// The query's parameters, decoded as forms are, with `+` for a space.
    ///
    /// - Returns: `nil` for a query that is no valid encoding of text.
    var parameters: [(name: String, value: String)]? {
        var parameters: [(name: String, value: String)] = []
        for part in query.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decodedForm(sides[0]),
                let value = PercentEncoding.decodedForm(sides.count > 1 ? sides[1] : "")
            else { return nil }
            parameters.append((name, value))
        }
        return parameters
    }
}

extension Substring.UTF8View {
    fileprivate var withoutTrailingSlashes: Self {
        var path = self
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }
}

extension Substring {
    /// What `utf8.firstIndex(of:)` gives, at the speed of memory: every request's target is searched.
    fileprivate func firstIndex(ofByte byte: UInt8) -> Index? {
        let found = utf8.withContiguousStorageIfAvailable { $0.firstIndex(of: byte) }
        guard let found else { return utf8.firstIndex(of: byte) }
        return found.map { utf8.index(startIndex, offsetBy: $0) }
    }
}
