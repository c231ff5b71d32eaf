internal import OrderKernel

/// Refuses requests that a web page could have made a browser send here.
///
/// A `Host` that is not the service's own tells of DNS rebinding; an `Origin` that is not tells of a page from
/// elsewhere that would change something.
struct HostGuard: Sendable {
    private let allowsLoopbackOnly: Bool
    private let allowedHosts: Set<Authority>
    private let allowedOrigins: Set<Origin>

    /// - Parameter isLoopback: Whether the transport is bound to a loopback address.
    init(isLoopback: Bool, allowedHosts: [String], allowedOrigins: [String]) {
        self.allowedHosts = Set(allowedHosts.compactMap { Authority($0) })
        self.allowedOrigins = Set(allowedOrigins.compactMap { Origin($0) })
        self.allowsLoopbackOnly = isLoopback && allowedHosts.isEmpty
    }

    /// Whether a request may name this host.
    func allows(_ host: Authority) -> Bool {
        if allowsLoopbackOnly { return host.isLoopback }
        if allowedHosts.isEmpty { return true }
        return allowedHosts.contains { $0.host == host.host && ($0.port == nil || $0.port == host.port) }
    }

    /// Whether a page from there may change orders: it is the service's own, or the profile allows it.
    ///
    /// - Parameters:
    ///   - origin: The `Origin` field, as it came.
    ///   - host: What the request names as its host; without a port, that of the origin's scheme is meant, as behind
    ///     a proxy that ends TLS.
    func allows(origin: String, at host: Authority?) -> Bool {
        guard let origin = Origin(origin) else { return false }
        if allowedOrigins.contains(origin) { return true }
        guard let host else { return false }
        return origin.host == host.host && origin.port == host.port ?? Origin.port(of: origin.scheme)
    }
}
