import OrderKernel
import OrderKernelTesting
import Synchronization

/// A storage in memory that is too narrow in one respect, which the contract has to find.
final class NarrowStorage: StoragePlugin {
    enum Fault: CaseIterable {
        /// A batch that comes too late is stored, and refused.
        case storesWhatItRefuses
        /// Lists hold a thousand orders at most.
        case capsLists
        /// Lists skip a thousand orders at most.
        case capsSkips
        /// Principal and key are one text.
        case joinsKeys
        /// Of a key, 200 characters count.
        case cutsKeys
        /// All but the last thousand keys are forgotten.
        case forgetsOldKeys
        /// Knows the wood types of a profile that says nothing of them, and takes others for oak.
        case knowsFiveWoods

        /// Words of the rule that finds it.
        var rule: String {
            switch self {
            case .storesWhatItRefuses: "deadline has passed is refused whole"
            case .capsLists, .capsSkips: "one more than a page may"
            case .joinsKeys: "however the two read together"
            case .cutsKeys: "byte by byte"
            case .forgetsOldKeys: "8,192 writes"
            case .knowsFiveWoods: "wood types"
            }
        }
    }

    static let name = "narrow"
    static let summary = "Keeps orders in memory, but not all of them."

    fileprivate struct Keys {
        var numbers: [IdempotencyKey: Int] = [:]
        var order: [IdempotencyKey] = []
        var next = 0
    }

    private let fault: Fault?
    private let good = InMemoryStorage()
    private let keys = Mutex(Keys())  // protects which keys are remembered

    init(_ fault: Fault) { self.fault = fault }
    init(_ configuration: NoSettings, context: PluginContext) { fault = nil }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        let writes = batch.writes.map { write in
            guard case .create(let draft, let key) = write else { return write }
            return .create(known(draft), key: key.map(known))
        }
        let outcomes = try await good.commit(batch.with(writes))
        if fault == .storesWhatItRefuses, batch.deadline < .now {
            throw StorageError(.deadlineExceeded, code: "late", detail: "")
        }
        return outcomes
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        try await good.order(id, before: deadline)
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        var query = query
        if fault == .capsLists { query.limit = min(query.limit, 1_000) }
        if fault == .capsSkips { query.skip = min(query.skip, 1_000) }
        return try await good.orders(query, before: deadline)
    }

    private func known(_ draft: OrderDraft) -> OrderDraft {
        guard fault == .knowsFiveWoods, !OrderRules.standard.woodTypes.contains(draft.woodType) else { return draft }
        return OrderDraft(
            customerID: draft.customerID, woodType: "oak", quantity: draft.quantity, status: draft.status)
    }

    /// The key that is used in place of another.
    private func known(_ key: IdempotencyKey) -> IdempotencyKey {
        switch fault {
        case .joinsKeys:
            return IdempotencyKey(principal: "", text: key.principal + key.text)
        case .cutsKeys:
            let text = String(String.UnicodeScalarView(key.text.unicodeScalars.prefix(200)))
            return IdempotencyKey(principal: key.principal, text: text)
        case .forgetsOldKeys:
            return keys.withLock { IdempotencyKey(principal: "", text: "\($0.number(of: key))") }
        default:
            return key
        }
    }
}

extension NarrowStorage.Keys {
    /// Number of a key; another one where it was forgotten.
    fileprivate mutating func number(of key: IdempotencyKey) -> Int {
        if let number = numbers[key] { return number }
        next += 1
        numbers[key] = next
        order.append(key)
        if order.count > 1_000 { numbers[order.removeFirst()] = nil }
        return next
    }
}
