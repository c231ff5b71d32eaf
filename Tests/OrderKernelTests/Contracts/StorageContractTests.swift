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
        // Descriptors are counted in the process: what leaks must not do so while others count.
        let rules = StorageContract.rules.filter { fault != .leaksADescriptor || $0.description.contains("closed") }
        var violations: [String] = []
        for rule in rules { violations += await contract.violations(of: rule) }
        #expect(!violations.isEmpty)
    }
}

/// A storage in memory with one fault, or none.
struct FaultyStorage: StoragePlugin {
    enum Fault: CaseIterable {
        /// Of the updates of one batch, the last is answered but not stored.
        case losesAnUpdate
        /// The updates of one batch take effect last one first.
        case reversesUpdates
        /// A descriptor stays open with every run.
        case leaksADescriptor
        /// A key is forgotten with the batch that brought it.
        case forgetsKeys
        /// Texts are found without regard to what marks them apart.
        case comparesLooks
        /// What was committed cannot be made durable.
        case failsToFlush
    }

    static let name = "faulty"
    static let summary = "Keeps orders in memory, badly."
    private let fault: Fault?
    private let good = InMemoryStorage()

    init(_ fault: Fault?, context: PluginContext) {
        self.fault = fault
    }

    init(_ configuration: InMemoryStorage.Configuration, context: PluginContext) {
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
