import Logging
import OrderKernel
import ServiceLifecycle
import Synchronization

/// What happened, in order.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])  // protects what was written so far

    func write(_ entry: String) { entries.withLock { $0.append(entry) } }

    var all: [String] { entries.withLock { $0 } }
}

struct Trouble: Error, Equatable {
    let name: String
}

/// How a fake plugin lives.
enum Life: Sendable {
    case untilStopped
    case failsToOpen
    /// Fails to open, and says why.
    case lacks(String)
    /// Ends by itself once the latch opens.
    case endsAfter(Latch, TransportEnd)
    /// Fails once the latch opens.
    case failsAfter(Latch)
    /// Says ready and takes no notice of graceful shutdown; ends when cancelled.
    case drainsForEver
    /// Says ready, and has its work cancelled when it is told to stop.
    case cancelledWhenStopped
    /// Never says ready; ends when cancelled.
    case startsForEver
    /// Says ready and takes notice of nothing; ends when the latch opens.
    case ignoresAll(Latch)
    /// Says ready, and fails when it is told to stop.
    case failsToClose
    /// Says that it is not ready, and lives until it is told to stop.
    case unavailable
    /// Throws a `CancellationError` though nobody cancelled it.
    case cancelsItself
}

/// The work of every fake: writes down what it does.
struct FakeWork: Sendable {
    let name: String
    let life: Life
    let journal: Journal
    let context: PluginContext

    func run() async throws -> TransportEnd {
        journal.write("\(name) opens")
        if case .failsToOpen = life { throw Trouble(name: name) }
        if case .lacks(let what) = life { throw PluginError("there is no \(what)") }
        defer { journal.write("\(name) closes") }
        if case .startsForEver = life { try await Latch().wait() }
        if case .unavailable = life { context.unavailable("away") } else { context.ready() }
        switch life {
        case .ignoresAll(let latch):
            await Task { try? await latch.wait() }.value
        case .failsToClose:
            try? await gracefulShutdown()
            throw Trouble(name: name)
        case .cancelsItself:
            throw CancellationError()
        case .endsAfter(let latch, let end):
            try await latch.wait()
            return end
        case .failsAfter(let latch):
            try await latch.wait()
            throw Trouble(name: name)
        case .cancelledWhenStopped:
            try await cancelWhenGracefulShutdown { try await Latch().wait() }
        case .drainsForEver:
            try await Latch().wait()
        default:
            try? await gracefulShutdown()
            journal.write("\(name) is told to stop")
        }
        return .complete
    }
}

struct FakeStorage: StoragePlugin {
    static let name = "fake"
    static let summary = "Keeps nothing."
    let work: FakeWork?

    init(_ configuration: NoSettings, context: PluginContext) { work = nil }
    init(work: FakeWork) { self.work = work }

    func run() async throws { _ = try await work?.run() }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        batch.effects(on: CurrentRows(), nextID: 1).outcomes
    }
    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? { nil }
    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        []
    }
}

struct FakeTransport: TransportPlugin {
    static let name = "fake"
    static let summary = "Carries nothing."
    let work: FakeWork?

    init(_ configuration: NoSettings, context: PluginContext) { work = nil }
    init(work: FakeWork) { self.work = work }

    func run(serving service: OrderService) async throws -> TransportEnd {
        try await work?.run() ?? .complete
    }
}

struct FakeExporter: ExporterPlugin {
    static let name = "fake"
    static let summary = "Sends nothing on."
    let work: FakeWork?

    init(_ configuration: NoSettings, context: PluginContext) { work = nil }
    init(work: FakeWork) { self.work = work }

    func run() async throws { _ = try await work?.run() }
    func export(_ batch: TelemetryBatch) async throws {}
}

struct FakeMiddleware: MiddlewarePlugin {
    static let name = "fake"
    static let summary = "Changes nothing."
    let work: FakeWork?

    init(_ configuration: NoSettings, context: PluginContext) { work = nil }
    init(work: FakeWork) { self.work = work }

    func run() async throws { _ = try await work?.run() }
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}
