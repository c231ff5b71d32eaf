internal import OrderKernel
internal import Synchronization

/// Plays random writes in random batches, and keeps beside it what the same writes do one by one.
final class StorageLedger: Sendable {
    private let trial: StorageTrial
    private let state: Mutex<State>  // protects the numbers and the rows; one task uses them

    fileprivate struct State {
        var numbers: SeededNumbers
        var rows = CurrentRows()
        var lastID: Order.ID = 0
    }

    private static let rules = OrderRules(
        woodTypes: ["oak"], requiresCustomer: true, transitions: [.shipped: [.closed, .blocked], .closed: []])

    init(_ trial: StorageTrial, seed: UInt64) {
        self.trial = trial
        self.state = Mutex(State(numbers: SeededNumbers(seed: seed)))
    }

    /// Plays on an empty storage, and compares every outcome and every order at the end.
    func play(writes count: Int, on desk: StorageDesk) async throws {
        var left = count
        while left > 0, trial.violations.isEmpty {
            let batch = state.withLock { $0.nextBatch(atMost: left) }
            left -= batch.count
            let outcomes = try await desk.commit(batch, rules: Self.rules)
            trial.expectEqual(outcomes.count, batch.count, "outcomes")
            for (write, outcome) in zip(batch, outcomes) {
                let expected = state.withLock { $0.apply(write, after: outcome, rules: Self.rules) }
                trial.expectEqual(outcome, expected, "\(write)")
            }
        }
        let expected = state.withLock { $0.rows.orders.values.sorted { $0.id < $1.id } }
        let isEqual = try await everything(on: desk) == expected
        trial.expect(isEqual, "the orders at the end are not those of the writes one by one")
    }

    private func everything(on desk: StorageDesk) async throws -> [Order] {
        var orders: [Order] = []
        while true {
            let page = try await desk.orders(OrderQuery(limit: 1_000, after: orders.last?.id))
            orders += page
            if page.count < 1_000 { return orders }
        }
    }
}

extension StorageLedger.State {
    /// Applies one write alone, creating under the id that the storage gave.
    mutating func apply(_ write: Write, after outcome: WriteOutcome, rules: OrderRules) -> WriteOutcome? {
        let id = if case .created(let order) = outcome { max(order.id, lastID + 1) } else { lastID + 1 }
        let batch = WriteBatch(writes: [write], time: StorageDesk.time, deadline: .now, rules: rules)
        let effects = batch.effects(on: rows.touched(by: batch), nextID: id)
        rows.store(effects)
        lastID = max(lastID, effects.inserted.last?.id ?? 0)
        return effects.outcomes.first
    }

    mutating func nextBatch(atMost most: Int) -> [Write] {
        let size = min(most, [1, 2, 7, 64, 300].randomElement(using: &numbers) ?? 1)
        return (0..<size).map { _ in nextWrite() }
    }

    /// Half creates, a third of them under few keys; half updates of few orders, some of them not there, or not yet.
    private mutating func nextWrite() -> Write {
        let status = OrderStatus.allCases.randomElement(using: &numbers) ?? .registered
        guard Bool.random(using: &numbers) else {
            let id = lastID - 40 + Order.ID.random(in: 0...48, using: &numbers)
            let revisions = Int.random(in: 0..<3, using: &numbers) == 0 ? [1, 3] : nil
            return .update(id, OrderChange(status: status, ifRevision: revisions))
        }
        let customer = ["a", "a", "a", "b"].randomElement(using: &numbers)
        guard Int.random(in: 0..<3, using: &numbers) == 0 else {
            return .create(.oak(customer, status: status), key: nil)
        }
        let principal = ["", "ann"].randomElement(using: &numbers) ?? ""
        let text = "\(Int.random(in: 0..<400, using: &numbers))"
        return .create(.oak(customer), key: IdempotencyKey(principal: principal, text: text))
    }
}

extension CurrentRows {
    /// The rows that a batch names.
    func touched(by batch: WriteBatch) -> CurrentRows {
        var touched = CurrentRows()
        for id in batch.updatedIDs { touched.orders[id] = orders[id] }
        for key in batch.keys {
            guard let use = keys[key] else { continue }
            touched.keys[key] = use
            touched.orders[use.orderID] = orders[use.orderID]
        }
        return touched
    }

    /// Stores what a batch does.
    mutating func store(_ effects: WriteEffects) {
        for order in effects.inserted { orders[order.id] = order }
        for order in effects.updated { orders[order.id] = order }
        for taken in effects.takenKeys { keys[taken.key] = taken.value }
    }
}
