internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// One run of an HTTP transport: what its connections share, and their beginning and end.
final class Server: Sendable {
    /// How long idle connections stay after the stop, for requests that were on their way when it came.
    private static let lastCall = Duration.milliseconds(50)

    let limits: HTTPTransport.Limits
    let time: any TimeSource
    let logger: Logger
    let load: Load
    let reader: RequestReader
    let responder: Responder
    let writer: ResponseWriter
    private let context: PluginContext
    private let connections: Connections
    private let cutRequests = Atomic(0)

    init(configuration: HTTPTransport.Configuration, context: PluginContext, service: OrderService, address: SocketAddress) {
        self.limits = configuration.limits
        self.time = context.time
        self.logger = context.logger
        self.context = context
        self.load = Load(requests: limits.inFlight, bytes: limits.buffered.bytes)
        let hostGuard = HostGuard(
            isLoopback: address.isLoopback, allowedHosts: configuration.allowedHosts,
            allowedOrigins: configuration.allowedOrigins)
        self.reader = RequestReader(hostGuard: hostGuard, rules: service.rules, maxBody: limits.body.bytes)
        self.responder = Responder(service: service, routes: Routes(telemetry: service.telemetry), load: load)
        self.writer = ResponseWriter(dates: DateField(time: context.time))
        self.connections = Connections(most: limits.connections)
    }
}
