import Foundation
import JSONLinesPlugin
import Logging
import OrderKernel
import Synchronization
import Testing

/// Keeps orders in memory; fails as often as a test says.
final class ForgetfulStorage: StoragePlugin {
    static let name = "forgetful"
    static let summary = "Keeps orders in memory."

    private struct State {
        var rows = CurrentRows()
        var nextID: Order.ID = 1
        var failures: [StorageError] = []
        var readDeadlines: [Instant] = []

        mutating func read(before deadline: Instant) throws(StorageError) {
            readDeadlines.append(deadline)
            if let failure = failures.popLast() { throw failure }
        }

        mutating func commit(_ batch: WriteBatch) throws(StorageError) -> [WriteOutcome] {
            if !failures.isEmpty { throw failures.removeFirst() }
            let effects = batch.effects(on: rows, nextID: nextID)
            for order in effects.inserted + effects.updated { rows.orders[order.id] = order }
            for key in effects.takenKeys { rows.keys[key.key] = key.value }
            nextID += Order.ID(effects.inserted.count)
            return effects.outcomes
        }
    }

    private let state = Mutex(State())  // protects the orders and the failures that are still to come
    /// Whether a commit waits until it is cancelled, and is then carried out.
    let holdsCommits: Bool
    let isCommitting = Atomic(false)

    init(_ configuration: NoSettings, context: PluginContext) { holdsCommits = false }
    init(failures: [StorageError] = [], holdsCommits: Bool = false) {
        self.holdsCommits = holdsCommits
        state.withLock { $0.failures = failures }
    }

    /// By when each read was asked for.
    var readDeadlines: [Instant] { state.withLock { $0.readDeadlines } }

    var orders: [Order] { state.withLock { $0.rows.orders.values.sorted { $0.id < $1.id } } }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        isCommitting.store(true, ordering: .sequentiallyConsistent)
        while holdsCommits, (try? await Task.sleep(for: .seconds(60))) != nil {}
        return try state.withLock { state throws(StorageError) in try state.commit(batch) }
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        try state.withLock { state throws(StorageError) in
            try state.read(before: deadline)
            return state.rows.orders[id]
        }
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        try state.withLock { state throws(StorageError) in try state.read(before: deadline) }
        let matching = orders.filter { (query.status ?? $0.status) == $0.status && $0.id > query.after ?? 0 }
        return Array(matching.dropFirst(query.skip).prefix(query.limit))
    }
}

/// What came of a job.
struct LinesOutcome {
    let end: TransportEnd
    let results: [String]

    /// The results' statuses, in order; -1 for what is no result.
    var statuses: [Int] {
        results.map { result in
            let object = try? JSONSerialization.jsonObject(with: Data(result.utf8)) as? [String: Any]
            return object?["status"] as? Int ?? -1
        }
    }
}

/// Runs the transport over an input of its own, in a pipeline of its own.
struct LinesJob {
    var storage = ForgetfulStorage()
    var middleware: [any MiddlewarePlugin] = []
    var settings = ""

    /// Runs until the input ends, through files.
    func run(_ input: String) async throws -> LinesOutcome {
        try await run(Data(input.utf8))
    }

    func run(_ input: Data) async throws -> LinesOutcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (lines, results) = (folder.appending(path: "lines"), folder.appending(path: "results"))
        try input.write(to: lines)
        let end = try await run(input: lines.path, output: results.path)
        let text = String(decoding: try Data(contentsOf: results), as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return LinesOutcome(end: end, results: text.split(separator: "\n").map(String.init))
    }

    /// Runs from one path to another.
    /// - Parameter inspect: Called with the transport's context when it has ended.
    func run(
        input: String, output: String, inspect: @Sendable (PluginContext) -> Void = { _ in }
    ) async throws -> TransportEnd {
        let configuration = try JSONLinesTransport.Configuration(
            yaml: "input: \(input)\noutput: \(output)\n\(settings)\n")
        return try await OrderService.standalone(storage: storage, middleware: middleware) { service in
            let context = PluginContext.standalone(
                transport: "json_lines", serving: service,
                logger: Logger(label: "json_lines") { _ in SwiftLogNoOpLogHandler() }, time: SystemTime())
            defer { inspect(context) }
            return try await JSONLinesTransport(configuration, context: context).run(serving: service)
        }
    }
}

/// An order line.
func orderLine(_ quantity: Int, besides members: String = "") -> String {
    #"{"customer_id":"c","wood_type":"oak","quantity":\#(quantity)\#(members)}"#
}
