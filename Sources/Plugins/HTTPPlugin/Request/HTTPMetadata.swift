internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// A request's head, for middleware and telemetry. Nothing is copied until it is asked for.
struct HTTPMetadata: RequestMetadata {
    let head: HTTPRequestHead
    let peer: SocketAddress?

    func values(for name: String) -> [String] { head.headers[name] }

    var size: Int {
        head.headers.reduce(256 + head.uri.utf8.count) { $0 + 64 + $1.name.utf8.count + $1.value.utf8.count }
    }

    var attributes: [TelemetryAttribute] {
        let host = head.headers.first(name: "host").flatMap { Authority($0) }
        let optional: [(String, TelemetryAttribute.Value?)] = [
            ("http.request.method_original", Method(head.method) == .other ? .string(head.method.rawValue) : nil),
            ("network.peer.address", peer?.ipAddress.map { .string($0) }),
            ("network.peer.port", peer?.port.map { .int($0) }),
            ("network.protocol.version", .string("\(head.version.major).\(head.version.minor)")),
            ("server.address", host.map { .string($0.host) }),
            ("server.port", host?.port.map { .int($0) }),
        ]
        return logAttributes + optional.compactMap { key, value in value.map { TelemetryAttribute(key, $0) } }
    }

    /// What was asked for, by whom. The rest is in the span that the line leads to.
    var logAttributes: [TelemetryAttribute] {
        var attributes: [TelemetryAttribute] = []
        attributes.reserveCapacity(4)
        if let target = RequestTarget(head.uri) {
            attributes.append(TelemetryAttribute("url.path", .string(String(target.path))))
            if !target.query.isEmpty {
                attributes.append(TelemetryAttribute("url.query", .string(target.publicQuery)))
            }
        }
        if let address = peer?.ipAddress { attributes.append(TelemetryAttribute("client.address", .string(address))) }
        if let agent = head.headers.first(name: "user-agent") {
            attributes.append(TelemetryAttribute("user_agent.original", .string(agent)))
        }
        return attributes
    }
}
