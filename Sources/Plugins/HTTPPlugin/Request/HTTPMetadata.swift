internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// A request's head, for middleware and telemetry. Nothing is copied until it is asked for.
final class HTTPMetadata: RequestMetadata {
    /// `nil` for what was no request at all.
    let head: HTTPRequestHead?
    private let target: RequestTarget?
    /// The host that the request names.
    private let host: Authority?
    private let userAgent: String?
    private let peer: Peer
    let size: Int

    init(head: HTTPRequestHead, _ fields: RequestFields, target: RequestTarget?, host: Authority?, peer: Peer) {
        self.head = head
        self.target = target
        self.host = host
        self.userAgent = fields.userAgent
        self.peer = peer
        size = 256 + head.uri.utf8.count + fields.size
    }

    /// All that is known of bytes that are no request.
    init(peer: Peer) {
        self.peer = peer
        (head, target, host, userAgent, size) = (nil, nil, nil, nil, 0)
    }

    func values(for name: String) -> [String] {
        var values = head?.headers[name] ?? []
        for index in values.indices { values[index].trimFieldValue() }
        return values
    }

    var attributes: [TelemetryAttribute] {
        var attributes = logAttributes
        attributes.append(contentsOf: peer.networkAttributes)
        guard let head else { return attributes }
        let version = head.version == .http1_1 ? "1.1" : "\(head.version.major).\(head.version.minor)"
        attributes.append(TelemetryAttribute("network.protocol.version", .string(version)))
        if let host { attributes.append(TelemetryAttribute("server.address", .string(host.host))) }
        if let port = host?.port { attributes.append(TelemetryAttribute("server.port", .int(port))) }
        if Method(head.method) == .other {
            attributes.append(TelemetryAttribute("http.request.method_original", .string(head.method.rawValue)))
        }
        return attributes
    }

    /// What was asked for, by whom. The rest is in the span that the line leads to.
    var logAttributes: [TelemetryAttribute] {
        var attributes: [TelemetryAttribute] = []
        attributes.reserveCapacity(12)  // has room for the other attributes too
        if let target {
            attributes.append(TelemetryAttribute("url.path", .string(String(target.path))))
            if !target.query.isEmpty {
                attributes.append(TelemetryAttribute("url.query", .string(target.publicQuery)))
            }
        }
        if let client = peer.clientAttribute { attributes.append(client) }
        if let userAgent { attributes.append(TelemetryAttribute("user_agent.original", .string(userAgent))) }
        return attributes
    }
}

/// Where a connection comes from, as telemetry names it.
final class Peer: Sendable {
    let clientAttribute: TelemetryAttribute?
    let networkAttributes: [TelemetryAttribute]

    init(_ address: SocketAddress?) {
        let ip = address?.ipAddress.map { TelemetryAttribute.Value.string($0) }
        let port = address?.port.map { TelemetryAttribute("network.peer.port", .int($0)) }
        clientAttribute = ip.map { TelemetryAttribute("client.address", $0) }
        networkAttributes = [ip.map { TelemetryAttribute("network.peer.address", $0) }, port].compactMap(\.self)
    }
}
