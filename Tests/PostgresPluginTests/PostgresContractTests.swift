import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

@Suite("Postgres storage contract", .serialized, .needs("PostgreSQL", if: PostgresServer.programs != nil))
struct PostgresContractTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(PostgresStorage.self, settings: "url: postgresql://localhost/orders").check(rule)
    }

    @Test("a database keeps the contract", arguments: StorageContract.rules)
    func database(rule: StorageContract.Rule) async throws {
        try await PostgresServer.shared.withDatabase { database in
            await StorageContract(.durable) {
                PostgresStorage(try .init(yaml: "url: \(database.url)"), context: $0.context)
            }.check(rule)
        }
    }

    @Test("it keeps the contract without prepared statements", arguments: StorageContract.rules)
    func unprepared(rule: StorageContract.Rule) async throws {
        try await PostgresServer.shared.withDatabase { database in
            await StorageContract(.durable) {
                PostgresStorage(
                    try .init(yaml: "{url: '\(database.url)', prepare: false, pool: {max: 2}}"), context: $0.context)
            }.check(rule)
        }
    }
}
