internal import Glibc
public import NIOCore
internal import NIOPosix
public import OrderKernel

/// Where a server listens, as a profile says it.
public struct ListeningAddress: Sendable {
    private let host: String
    private let port: Int

    /// - Parameter host: A name or an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Looks the host up, on a thread that may wait for the answer.
    /// - Throws: What ``trouble(_:)`` has words for.
    public func resolved(on group: any EventLoopGroup) async throws -> SocketAddress {
        try await NIOThreadPool.singleton.runIfActive(eventLoop: group.any()) { [host, port] in
            try SocketAddress.makeAddressResolvingHost(host, port: port)
        }.get()
    }

    /// Where clients of a server connect to: `127.0.0.1:5000`; empty where it no longer listens.
    public static func text(of server: any Channel) -> String {
        guard let address = server.localAddress, let host = address.ipAddress, let port = address.port else {
            return ""
        }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Says in one line why the address cannot be had.
    public func trouble(_ error: any Error) -> PluginError {
        if let error = error as? PluginError { return error }
        if error is SocketAddressError.UnknownHost { return PluginError("The host \(host) is unknown.") }
        return switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            PluginError("Port \(port) on \(host) is taken: choose another port, or stop what uses it.")
        case EACCES:
            PluginError("Port \(port) needs rights that the process does not have: choose one from 1024 on.")
        case EADDRNOTAVAIL:
            PluginError("\(host) is no address of this machine.")
        default:
            PluginError("Cannot listen on port \(port) of \(host): \(error).")
        }
    }
}
