import OrderKernel
import OrderKernelTesting
import SQLitePlugin
import Testing

@Suite("SQLite storage contract")
struct SQLiteContractTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(SQLiteStorage.self, settings: "path: /nonexistent/orders.db").check(rule)
    }

    @Test("a file keeps the contract", arguments: StorageContract.rules)
    func file(rule: StorageContract.Rule) async {
        await StorageContract(.durable) {
            SQLiteStorage(try .init(yaml: "path: \"\($0.folder)/orders.db\""), context: $0.context)
        }.check(rule)
    }

    @Test("memory keeps the contract", arguments: StorageContract.rules)
    func memory(rule: StorageContract.Rule) async {
        await StorageContract(.process) {
            SQLiteStorage(try .init(yaml: "path: \":memory:\""), context: $0.context)
        }.check(rule)
    }
}
