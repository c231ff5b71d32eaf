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

    init(head: HTTPRequestHead, _ fields: RequestFields, target: RequestTarget?, host: Authority?, peer: Peer) {
        self.head = head
        self.target = target
        self.host = host
        self.userAgent = fields.userAgent
        self.peer = peer
    }

    /// All that is known of bytes that are no request.
    init(peer: Peer) {
        self.peer = peer
        (head, target, host, userAgent) = (nil, nil, nil, nil)
    }

    func values(for name: String) -> [String] {
        var values = head?.headers[name] ?? []
        for index in values.indices { values[index].trimFieldValue() }
        return values
    }

    /// What was asked for, by whom. The rest is in the span that the line leads to.
    func addAttributes(to attributes: inout TelemetryAttributes) {
        if let target {
            attributes.append("url.path", .string(String(target.path)))
            if !target.query.isEmpty { attributes.append("url.query", .string(target.publicQuery)) }
        }
        attributes.append(contentsOf: peer.attributes)
        if let userAgent { attributes.append("user_agent.original", .string(userAgent)) }
    }

    func addSpanAttributes(to attributes: inout TelemetryAttributes) {
        attributes.append(contentsOf: peer.spanAttributes)
        guard let head else { return }
        let version = head.version == .http1_1 ? "1.1" : "\(head.version.major).\(head.version.minor)"
        attributes.append("network.protocol.version", .string(version))
        if let host { attributes.append("server.address", .string(host.host)) }
        if let port = host?.port { attributes.append("server.port", .int(port)) }
        if Method(head.method) == .other {
            attributes.append("http.request.method_original", .string(head.method.rawValue))
        }
    }
}

/// Where a connection comes from, as telemetry names it.
final class Peer: Sendable {
    /// For spans and log lines.
    let attributes: TelemetryAttributes
    /// For spans alone.
    let spanAttributes: TelemetryAttributes

    init(_ address: SocketAddress?) {
        var attributes = TelemetryAttributes()
        var spanAttributes = TelemetryAttributes()
        if let ip = address?.ipAddress {
            attributes.append("client.address", .string(ip))
            spanAttributes.append("network.peer.address", .string(ip))
        }
        if let port = address?.port { spanAttributes.append("network.peer.port", .int(port)) }
        self.attributes = attributes
        self.spanAttributes = spanAttributes
    }
}
