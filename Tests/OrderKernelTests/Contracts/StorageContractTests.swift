import Glibc
import OrderKernel
import OrderKernelTesting
import Testing

@Suite("Storage contract")
struct StorageContractTests {
    @Test("the storage in memory keeps it", arguments: StorageContract.rules)
    func memory(rule: StorageContract.Rule) async {
        await StorageContract(.process) { _ in InMemoryStorage() }.check(rule)
    }

    @Test("a storage that could have a fault, and has none, keeps it", arguments: StorageContract.rules)
    func faultless(rule: StorageContract.Rule) async {
        await StorageContract(.process) { FaultyStorage(nil, context: $0.context) }.check(rule)
    }

    @Test("a storage with a fault breaks it", arguments: FaultyStorage.Fault.allCases)
    func faulty(fault: FaultyStorage.Fault) async {
        let contract = StorageContract(.process) { FaultyStorage(fault, context: $0.context) }
        let rules = StorageContract.rules.filter { $0.description == fault.rawValue }
        #expect(rules.count == 1)
        for rule in rules { #expect(await !contract.violations(of: rule).isEmpty) }
    }

    @Test(
        "a storage that keeps nothing when it is closed breaks the rules of durable ones, and no other",
        arguments: StorageContract.rules)
    func forgetful(rule: StorageContract.Rule) async {
        let durable = [
            "keys outlive the storage", "what was acknowledged is kept at once, not when the storage is closed",
            "what was acknowledged is there when the storage is opened again",
        ]
        let violations = await StorageContract(.durable) { _ in InMemoryStorage() }.violations(of: rule)
        #expect(violations.isEmpty == !durable.contains(rule.description), "\(violations)")
    }
}

/// A storage in memory with one fault, or none.
struct FaultyStorage: StoragePlugin {
    /// Each with the rule that it breaks.
    enum Fault: String, CaseIterable {
        /// Of the updates of one batch, the last is answered but not stored.
        case losesAnUpdate = "an update changes status, revision and time, and nothing else"
        /// The updates of one batch take effect last one first.
        case reversesUpdates = "updates of one order in one batch take effect in their order"
        /// A descriptor stays open with every run.
        case leaksADescriptor = "what was opened is closed again"
        /// A key is forgotten with the batch that brought it.
        case forgetsKeys = "a create under a used key answers with that order as it is now"
        /// Texts are found without regard to what marks them apart.
        case comparesLooks = "texts come back byte by byte, and are found by themselves alone"
        /// What was committed cannot be made durable.
        case failsToFlush = "a created order is read as it was answered"
    }

    static let name = "faulty"
    static let summary = "Keeps orders in memory, badly."
    private let fault: Fault?
    private let good = InMemoryStorage()

    init(_ fault: Fault?, context: PluginContext) {
        self.fault = fault
    }

    init(_ configuration: NoSettings, context: PluginContext) {
        self.init(nil, context: context)
    }

    func run() async throws {
        if fault == .leaksADescriptor { _ = open("/dev/null", O_RDONLY | O_CLOEXEC) }
    }

    var flusher: (any StorageFlusher)? { fault == .failsToFlush ? FailingFlusher() : nil }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        var kept = batch.writes
        switch fault {
        case .losesAnUpdate:
            guard case .update(let id, let change)? = kept.last else { break }
            let outcomes = try await good.commit(batch.with(kept.dropLast()))
            guard let order = try await good.order(id, before: .now) else {
                return outcomes + [.refused(.unknownOrder(id))]
            }
            return outcomes + [.updated(order.changed(to: change.status, at: batch.time))]
        case .reversesUpdates:
            guard kept.count > 1, kept.allSatisfy(\.isUpdate) else { break }
            return try await good.commit(batch.with(kept.reversed())).reversed()
        case .forgetsKeys:
            kept = kept.map { if case .create(let draft, _) = $0 { .create(draft, key: nil) } else { $0 } }
        case .leaksADescriptor, .comparesLooks, .failsToFlush, nil: break
        }
        return try await good.commit(batch.with(kept))
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        try await good.order(id, before: deadline)
    }

    func orders(
        _ query: OrderQuery, before deadline: Instant
    ) async throws(StorageError) -> [Order] {
        guard fault == .comparesLooks, let customerID = query.customerID else {
            return try await good.orders(query, before: deadline)
        }
        var all = query
        all.customerID = nil
        return try await good.orders(all, before: deadline).filter { $0.customerID == customerID }
    }
}

/// Never makes anything durable.
private struct FailingFlusher: StorageFlusher {
    func flush() async throws(StorageError) { throw StorageError(.failed, code: "flush", detail: "") }
}

extension WriteBatch {
    func with(_ writes: [Write]) -> WriteBatch {
        WriteBatch(writes: writes, time: time, deadline: deadline, rules: rules)
    }
}

extension Write {
    var isUpdate: Bool { if case .update = self { true } else { false } }
}

extension Order {
    func changed(to status: OrderStatus, at time: Timestamp) -> Order {
        Order(
            id: id, draft: OrderDraft(customerID: customerID, woodType: woodType, quantity: quantity), status: status,
            createdAt: createdAt, updatedAt: time, revision: revision + 1)
    }
}
