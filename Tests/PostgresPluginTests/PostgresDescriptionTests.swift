import OrderKernel
import OrderKernelTesting
import PostgresTesting
import Testing

@testable import PostgresPlugin

@Suite("What telemetry is told of a PostgreSQL", .timeLimit(.minutes(5)))
struct PostgresDescriptionTests {
    @Test(
        "the database and its place are those of the connection string, as far as it says them",
        arguments: [
            ("postgresql://u@db.example:5432/shop", "shop|public", "db.example", nil),
            ("postgresql://u@db.example:6543/shop", "shop|public", "db.example", 6_543),
            ("host=/run/postgresql dbname=shop", "shop|public", "/run/postgresql", nil),
            ("postgresql://u@db.example", "u|public", "db.example", nil),
            ("postgresql://one:5433,two:5434/shop", "shop|public", nil, nil),
            ("service=shop", "public", nil, nil),
        ] as [(String, String, String?, Int?)])
    func place(url: String, namespace: String, address: String?, port: Int?) {
        let server = Server(url: Secret(url), applicationName: "")
        #expect(
            server.database(schema: "public")
                == DatabaseDescription(
                    system: "postgresql", namespace: namespace, address: address, port: port, isRemote: true))
    }

    @Test(
        "connections are counted, also those that could not be made",
        .needs("PostgreSQL", if: PostgresServer.programs != nil))
    func pools() async throws {
        try await PostgresFixture.with { fixture in
            let (before, after) = try await fixture.running("pool: {max: 3, acquire_timeout: 100ms}") { storage, _ in
                while storage.database.pools.first?.used != 0 { await Task.yield() }
                #expect(storage.database.pools == [ConnectionPool(name: "postgres", used: 0, idle: 1, most: 3)])
                // On a busy machine, 100 ms may not be enough for a connection.
                while storage.database.pools.first?.idle != 2 {
                    try Task.checkCancellation()
                    _ = try? await storage.orders(OrderQuery(), before: .now + .seconds(60))
                    // The answer comes before the connection is given back.
                    while storage.database.pools.first?.used != 0 { await Task.yield() }
                }
                let before = try #require(storage.database.pools.first)
                #expect(before.most == 3)
                try await fixture.database.server.sql(
                    "ALTER DATABASE \(fixture.database.name) ALLOW_CONNECTIONS false", in: "postgres")
                try await fixture.database.server.terminateBackends(of: fixture.database.name)
                while storage.database.pools.first?.idle != 0 { await Task.yield() }
                await #expect(throws: StorageError.self) { try await storage.order(1, before: .now + .seconds(60)) }
                await #expect(throws: StorageError.self) { try await storage.commit([.create(.oak(), key: nil)]) }
                return (before, try #require(storage.database.pools.first))
            }
            let timeouts = before.timeouts + 2
            #expect(after == ConnectionPool(name: "postgres", used: 0, idle: 0, most: 3, timeouts: timeouts))
        }
    }

    @Test("connections are timed: how they are made, waited for and used")
    func times() throws {
        let telemetry = Telemetry()
        let gauge = PoolGauge("p", factory: TelemetryMetricsFactory(telemetry))
        gauge.noteCreation(since: .now - .milliseconds(20))
        gauge.noteWait(since: .now - .seconds(2))
        gauge.using {}
        var sums: [String: Double] = [:]
        for metric in telemetry.collect() {
            guard case .histogram(let points) = metric.data else { continue }
            let point = try #require(points.first)
            #expect(metric.description.hasPrefix("How long"))
            #expect(metric.unit == "s" && point.value.counts.reduce(0, +) == 1)
            #expect(point.attributes == [TelemetryAttribute("db.client.connection.pool.name", .string("p"))])
            sums[metric.name.replacing("db.client.connection.", with: "")] = point.value.sum
        }
        #expect(Set(sums.keys) == ["create_time", "wait_time", "use_time"])
        #expect(try #require(sums["create_time"]) >= 0.02)
        #expect(try #require(sums["wait_time"]) >= 2 && #require(sums["use_time"]) < 2)
    }

    @Test("replicas are a pool of their own", .needs("PostgreSQL", if: PostgresServer.programs != nil))
    func replicas() async throws {
        try await PostgresFixture.with { fixture in
            try await fixture.running("replicas: '\(fixture.database.url)', pool: {max: 3}") { storage, _ in
                // While no replica answers, which may be so on a busy machine, the primary's readers do.
                while storage.database.pools.last?.idle == 0 {
                    _ = try await storage.orders(OrderQuery(), before: .now + .seconds(60))
                }
                let (primary, replicas) = (storage.database.pools[0], storage.database.pools[1])
                #expect(primary.name == "postgres" && primary.most == 3)
                #expect(replicas.name == "postgres/replicas" && replicas.most == 2)
                #expect(replicas.used + replicas.idle >= 1)
            }
        }
    }
}
