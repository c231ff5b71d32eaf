import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// The environment of the replaced service.
    @Suite("order.yaml on PostgreSQL", .timeLimit(.minutes(5)))
    struct PostgresProfileTests {
        let folder: ServiceFolder

        init() throws { folder = try ServiceFolder() }

        @Test("with the variables of the replaced service and nothing else, its neighbours are content, and it is seen")
        func variables() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let collector = try await Collector(in: folder)
                let service = try folder.start(
                    "run", "--config", folder.root.appendingPathComponent("config/order.yaml").path,
                    environment: [
                        "DATABASE_URL": database.url.replacing("postgresql://", with: "postgresql+psycopg2://"),
                        "HOST": "localhost", "PORT": "0", "LOG_LEVEL": "INFO", "OTEL_SERVICE_NAME": "order",
                        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(try #require(collector.ports["http"]))",
                    ])
                let port = try await service.port()
                let played = try await folder.client("neighbours.py", "http://localhost:\(port)")
                #expect(played.output == "the neighbours are content\n")
                #expect(await service.stop() == 0)
                #expect(await collector.stop() == 0, "\(collector.process.errorLines)")
                for (kind, text) in [
                    ("span", "PUT /orders/{id}"), ("span", "postgresql"), ("metric", "http.server.request.duration"),
                    ("log", "ready"),
                ] {
                    let told = try collector.lines(kind).filter { "\($0)".contains(text) }
                    #expect(!told.isEmpty, "no \(kind) with \(text)")
                    let names = told.map { record in
                        let resource = record["resource"] as? [String: Any]
                        return (resource?["attributes"] as? [String: Any])?["service.name"] as? String
                    }
                    #expect(Set(names) == ["order"])
                }
            }
        }
    }
}
