internal import Logging
internal import NIOCore
internal import OrderKernel

/// What the connections of one HTTP transport share.
final class Server: Sendable {
    let limits: HTTPTransport.Limits
    let time: any TimeSource
    let logger: Logger
    let load: Load
    let connections: Connections
    let reader: RequestReader
    let responder: Responder
    let writer: ResponseWriter

    init(
        limits: HTTPTransport.Limits, tellsTrace: Bool, hostGuard: HostGuard, context: PluginContext,
        service: OrderService
    ) {
        self.limits = limits
        self.time = context.time
        self.logger = context.logger
        self.load = Load(requests: limits.inFlight, bytes: limits.buffered.bytes)
        self.connections = Connections(most: limits.connections)
        self.reader = RequestReader(
            hostGuard: hostGuard, rules: service.rules, maxBody: limits.body.bytes,
            documents: service.documents)
        self.responder = Responder(
            service: service, load: load, deadline: limits.deadline, tellsTrace: tellsTrace)
        self.writer = ResponseWriter(dates: DateField(time: context.time))
    }

    /// Gives back the room that a request's body took.
    func release(_ request: Request) {
        if let body = request.body { load.release(body.readableBytes) }
    }
}
