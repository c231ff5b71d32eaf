import OrderKernelTesting
import PostgresPlugin
import Testing

@Suite("Postgres storage contract")
struct PostgresContractTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(PostgresStorage.self, settings: "url: postgresql://localhost/orders").check(rule)
    }
}
