internal import Logging
internal import NIOCore
internal import NIOPosix
public import OrderKernel

/// Serves orders over HTTP/1.1 (RFC 9110, RFC 9112).
public struct HTTPTransport: TransportPlugin {
    public static let name = "http"
    public static let summary = "Serves orders over HTTP/1.1."

    private let configuration: Configuration
    private let context: PluginContext

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
    }

    public func run(serving service: OrderService) async throws -> TransportEnd {
        try await MultiThreadedEventLoopGroup.withEventLoopGroup(numberOfThreads: System.coreCount) { group in
            let listener = try await Listener(
                configuration: configuration, context: context, service: service, group: group)
            context.logger.info("listening", metadata: ["address": "http://\(listener.address)"])
            context.ready()
            return try await listener.run()
        }
    }
}
