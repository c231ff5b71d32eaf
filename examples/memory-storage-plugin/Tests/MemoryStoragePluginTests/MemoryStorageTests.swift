import MemoryStoragePlugin
import OrderKernel
import OrderKernelTesting
import Testing

@Suite("Memory storage")
struct MemoryStorageTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(MemoryStorage.self).check(rule)
    }

    @Test("it keeps the contract of every storage", arguments: StorageContract.rules)
    func storage(rule: StorageContract.Rule) async {
        await StorageContract(.process) { MemoryStorage(try .init(yaml: ""), context: $0.context) }.check(rule)
    }

    @Test("a full memory says so and keeps what it has")
    func full() async throws {
        let context = PluginContext.standalone("memory", logger: .init(label: "memory"), time: SystemTime())
        let storage = MemoryStorage(try .init(yaml: "capacity: 1"), context: context)
        let draft = OrderDraft(customerID: "cust_123", woodType: "oak", quantity: 5)
        let batch = WriteBatch(
            writes: [.create(draft, key: nil)], time: SystemTime().date, deadline: .now + .seconds(60), rules: .standard
        )
        _ = try await storage.commit(batch)
        await #expect(throws: StorageError(.unavailable, code: "full", detail: "capacity is 1")) {
            try await storage.commit(batch)
        }
        #expect(try await storage.orders(OrderQuery(), before: .now).count == 1)
    }
}
