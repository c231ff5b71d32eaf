internal import Logging
internal import OrderKernel

/// One check of a rule: a folder of its own, and what was found wrong.
final class StorageTrial: Trial {
    let folder: String
    private let contract: StorageContract
    private let findings: Findings

    init(_ contract: StorageContract, folder: String, _ findings: Findings) {
        self.contract = contract
        self.folder = folder
        self.findings = findings
    }

    var violations: [String] { findings.violations }

    func violate(_ what: String) { findings.violate(what) }

    /// Opens the storage, lends it, and closes it again. A second time it is opened anew, in the same folder.
    /// - Parameter folder: Another folder than the trial's own.
    func opened<Value: Sendable>(
        in folder: String? = nil, _ body: @escaping @Sendable (StorageDesk) async throws -> Value
    ) async throws -> Value {
        let context = PluginContext.standalone("storage", logger: .silent, time: SystemTime())
        let storage = try contract.make(StoragePlace(folder: folder ?? self.folder, context: context))
        return try await withRunning(storage, context) { try await body(StorageDesk(storage: storage)) }
    }
}

/// A storage that is open, with short words for what the rules do to it.
struct StorageDesk: Sendable {
    let storage: any StoragePlugin

    /// Time of every batch that does not say another.
    static let time = Timestamp(milliseconds: 1_762_597_800_123)

    var soon: Instant { .now + .seconds(60) }

    func commit(
        _ writes: [Write], at time: Timestamp = time, rules: OrderRules = .standard
    ) async throws -> [WriteOutcome] {
        try await storage.commitWhole(WriteBatch(writes: writes, time: time, deadline: soon, rules: rules))
    }

    /// Creates orders in one batch and gives back those that were created.
    @discardableResult
    func create(_ drafts: OrderDraft...) async throws -> [Order] {
        try await commit(drafts.map { .create($0, key: nil) }).compactMap {
            if case .created(let order) = $0 { order } else { nil }
        }
    }

    func update(_ id: Order.ID, _ status: OrderStatus, at time: Timestamp = time) async throws -> [WriteOutcome] {
        try await commit([.update(id, OrderChange(status: status))], at: time)
    }

    func order(_ id: Order.ID) async throws -> Order? {
        try await storage.order(id, before: soon)
    }

    func orders(_ query: OrderQuery) async throws -> [Order] {
        try await storage.orders(query, before: soon)
    }

    /// Ids of a list.
    func ids(_ query: OrderQuery) async throws -> [Order.ID] {
        try await orders(query).map(\.id)
    }
}

extension OrderDraft {
    /// Five pieces of oak for `customer`.
    static func oak(_ customer: String? = "cust_1", status: OrderStatus = .registered) -> OrderDraft {
        OrderDraft(customerID: customer, woodType: "oak", quantity: 5, status: status)
    }
}
