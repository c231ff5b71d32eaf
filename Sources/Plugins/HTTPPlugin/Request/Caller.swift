internal import NIOCore
internal import OrderKernel

/// Who sends a request, as telemetry names it.
///
/// The requests of a connection mostly say the same of their sender, so what follows from it is worked out once.
final class Caller: Sendable {
    /// What a request says of its sender.
    private struct Words: Equatable {
        var host: String?
        var userAgent: String?
    }

    private let address: SocketAddress?
    private let words: Words
    /// The host that the requests name; `nil` also for what cannot be one.
    let host: Authority?
    /// For spans and log lines.
    let attributes: TelemetryAttributes
    /// For spans alone.
    let spanAttributes: TelemetryAttributes

    /// Somebody of whom nothing is known but the address.
    convenience init(_ address: SocketAddress?) {
        self.init(address, Words())
    }

    private init(_ address: SocketAddress?, _ words: Words) {
        self.address = address
        self.words = words
        host = words.host.flatMap { Authority($0) }
        var attributes = TelemetryAttributes()
        var spanAttributes = TelemetryAttributes()
        if let ip = address?.ipAddress {
            attributes.append("client.address", .string(ip))
            spanAttributes.append("network.peer.address", .string(ip))
        }
        if let port = address?.port { spanAttributes.append("network.peer.port", .int(port)) }
        if let agent = words.userAgent { attributes.append("user_agent.original", .string(agent)) }
        if let host { spanAttributes.append("server.address", .string(host.host)) }
        if let port = host?.port { spanAttributes.append("server.port", .int(port)) }
        self.attributes = attributes
        self.spanAttributes = spanAttributes
    }

    /// The sender of the next request: the same, if that says the same.
    func saying(host: String?, userAgent: String?) -> Caller {
        let next = Words(host: host, userAgent: userAgent)
        return next == words ? self : Caller(address, next)
    }
}
