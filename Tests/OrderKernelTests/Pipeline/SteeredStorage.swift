import Logging
import Synchronization

@testable import OrderKernel

/// A storage whose commits wait until the test lets them go on, and that does what the test says.
final class SteeredStorage: StoragePlugin {
    static let name = "steered"
    static let summary = "Does what a test says."

    private struct State {
        var batches: [[Write]] = []
        var answers: [StorageError?] = []
        var rows = CurrentRows()
    }

    private let state = Mutex(State())  // protects what came, and what is to be answered
    let arrivals = AsyncStream.makeStream(of: Int.self)
    let permits = AsyncStream.makeStream(of: Void.self)

    init(_ configuration: NoSettings, context: PluginContext) {}
    init() {}

    var batches: [[Write]] { state.withLock { $0.batches } }

    /// Lets one commit go on, to succeed or to fail.
    func answer(_ error: StorageError? = nil) {
        state.withLock { $0.answers.append(error) }
        permits.continuation.yield()
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        let number = state.withLock { state in
            state.batches.append(batch.writes)
            return state.batches.count
        }
        arrivals.continuation.yield(number)
        for await _ in permits.stream { break }
        if let error = state.withLock({ $0.answers.removeFirst() }) { throw error }
        return batch.effects(on: state.withLock { $0.rows }, nextID: 1).outcomes
    }

    /// Has some orders be as if somebody else were changing them.
    func hold(_ ids: Set<Order.ID>) { state.withLock { $0.rows.held = ids } }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? { nil }
    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        []
    }
}

extension CommitQueue {
    /// Has the write of some request made durable.
    func commit(_ write: Write, deadline: Instant, turn: OrderedInput.Turn?) async throws -> WriteOutcome {
        let route = Telemetry().route(name: "test", attributes: [], logLevel: .debug)
        return try await commit(
            write, for: RequestContext(id: .random(), route: route, deadline: deadline, turn: turn))
    }
}
