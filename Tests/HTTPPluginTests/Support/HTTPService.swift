import HTTPPlugin
import InMemoryLogging
import Logging
import OrderKernel
import OrderKernelTesting

/// An HTTP transport at work in front of a storage, on a port that the system chose.
struct HTTPService: Sendable {
    let port: Int
    private let running: RunningTransport

    /// Tells the transport to stop, and does not wait.
    func stop() { running.stop() }

    /// Cancels the transport's task.
    func cancel() { running.cancel() }

    func connect() async throws -> HTTPClient { try await HTTPClient.connect(to: port) }

    /// Sends one request on a connection of its own.
    func send(_ request: String) async throws -> HTTPAnswer {
        let client = try await connect()
        try await client.send(request)
        let answer = try await client.answer(isHead: request.hasPrefix("HEAD"))
        try await client.close()
        return answer
    }

    /// Serves while the body runs.
    /// - Parameter settings: What a profile says below `http:`, but for the port.
    /// - Returns: How the transport ended.
    static func run(
        _ settings: String = "", rules: OrderRules = .standard, storage: any StoragePlugin = InMemoryStorage(),
        middleware: [any MiddlewarePlugin] = [], time: any TimeSource = SystemTime(),
        _ body: @escaping @Sendable (HTTPService) async throws -> Void
    ) async throws -> TransportEnd {
        let configuration = try HTTPTransport.Configuration(yaml: "port: 0\n" + settings)
        let log = InMemoryLogHandler()
        return try await OrderService.standalone(
            storage: storage, middleware: middleware, rules: rules, time: time
        ) { service in
            let context = PluginContext.standalone(
                transport: "http", serving: service, logger: Logger(label: "http") { _ in log }, time: time)
            let transport = HTTPTransport(configuration, context: context)
            return try await withRunning(transport, context, serving: service) { running in
                try await body(HTTPService(port: try log.port, running: running))
            }
        }
    }

    /// Starts a transport that is expected not to get far.
    static func start(_ settings: String) async throws {
        let configuration = try HTTPTransport.Configuration(yaml: settings)
        try await OrderService.standalone(storage: InMemoryStorage()) { service in
            let context = PluginContext.standalone(
                transport: "http", serving: service, logger: Logger(label: "http") { _ in InMemoryLogHandler() },
                time: SystemTime())
            _ = try await HTTPTransport(configuration, context: context).run(serving: service)
        }
    }
}

extension InMemoryLogHandler {
    /// The port of the address that the transport listens on.
    var port: Int {
        get throws {
            let line = entries.first { $0.message == "listening" }
            guard let digits = line?.metadata["address"]?.description.split(separator: ":").last,
                let port = Int(digits)
            else { throw HTTPClient.Failure(description: "nothing listens") }
            return port
        }
    }
}
