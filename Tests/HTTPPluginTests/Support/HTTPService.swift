import HTTPPlugin
import Logging
import OrderKernelTesting
import ServiceLifecycle
import Synchronization

@testable import OrderKernel

/// An HTTP transport at work in front of a storage, on a port that the system chose.
struct HTTPService: Sendable {
    let port: Int
    let readiness: Readiness
    private let group: ServiceGroup
    private let cancellation: Latch

    /// Tells the transport to stop, and does not wait.
    func stop() async { await group.triggerGracefulShutdown() }

    /// Cancels the transport's task.
    func cancel() { cancellation.open() }

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
        time: any TimeSource = SystemTime(), _ body: @escaping @Sendable (HTTPService) async throws -> Void
    ) async throws -> TransportEnd {
        let readiness = Readiness(time: time)
        let entry = readiness.add(kind: "transport", name: "http")
        let log = RecordingLog()
        let logger = Logger(label: "http") { _ in log }
        let context = PluginContext(instance: "http", logger: logger, time: time, readiness: entry)
        let configuration = try HTTPTransport.Configuration(yaml: "port: 0\n" + settings)
        let queue = CommitQueue(rules: rules, time: time)
        let orders = OrderService(
            rules: rules, readiness: readiness, telemetry: Telemetry(), middleware: [],
            endpoints: OrderEndpoints(storage: storage, queue: queue))
        let service = TransportService(transport: HTTPTransport(configuration, context: context), orders: orders)
        let group = ServiceGroup(services: [service], logger: logger)
        let cancellation = Latch()
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await queue.run(storage: storage) }
            tasks.addTask { try await running(group, until: cancellation) }
            try await entry.settled.wait()
            let http = HTTPService(
                port: try log.port, readiness: readiness, group: group, cancellation: cancellation)
            try await body(http)
            await group.triggerGracefulShutdown()
            queue.close()
            try await tasks.waitForAll()
            return try service.end
        }
    }

    /// Starts a transport that is expected not to get far.
    static func start(_ settings: String) async throws {
        let time = SystemTime()
        let context = PluginContext.standalone(
            "http", logger: Logger(label: "http") { _ in RecordingLog() }, time: time)
        let transport = HTTPTransport(try HTTPTransport.Configuration(yaml: settings), context: context)
        let storage = InMemoryStorage()
        let orders = OrderService(
            rules: .standard, readiness: Readiness(time: time), telemetry: Telemetry(), middleware: [],
            endpoints: OrderEndpoints(storage: storage, queue: CommitQueue(rules: .standard, time: time)))
        _ = try await transport.run(serving: orders)
    }

    private static func running(_ group: ServiceGroup, until cancellation: Latch) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await group.run() }
            tasks.addTask { try? await cancellation.wait() }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}

/// A transport as a service group runs it.
private final class TransportService: Service {
    private let result = Mutex<Result<TransportEnd, any Error>?>(nil)  // protects how the run ended
    private let transport: HTTPTransport
    private let orders: OrderService

    init(transport: HTTPTransport, orders: OrderService) {
        self.transport = transport
        self.orders = orders
    }

    var end: TransportEnd {
        get throws { try result.withLock { $0 }?.get() ?? .stoppedEarly }
    }

    func run() async throws {
        do {
            let end = try await transport.run(serving: orders)
            result.withLock { $0 = .success(end) }
        } catch {
            result.withLock { $0 = .failure(error) }
        }
    }
}

/// Keeps what is logged.
final class RecordingLog: LogHandler {
    private let lines = Mutex<[(message: String, metadata: Logger.Metadata)]>([])  // protects what was logged

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append((event.message.description, event.metadata ?? [:])) }
    }

    /// The port of the address that the transport listens on.
    var port: Int {
        get throws {
            let line = lines.withLock { $0.first { $0.message == "listening" } }
            guard let digits = line?.metadata["address"]?.description.split(separator: ":").last,
                let port = Int(digits)
            else { throw HTTPClient.Failure(description: "nothing listens") }
            return port
        }
    }
}
