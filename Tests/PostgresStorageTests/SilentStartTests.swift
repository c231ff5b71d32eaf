import Foundation
import Logging
import OrderKernel
import OrderKernelTesting
import PostgresPlugin
import PostgresTesting
import Testing

/// A server that falls silent while a storage starts does not hold it up.
@Suite("A silent start", .serialized, .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct SilentStartTests {
    @Test("a connection that falls silent during the start, after any byte, is made anew")
    func silence() async throws {
        try await PostgresServer.shared.withDatabase { database in
            try await StorageAtWork.run(at: database.url) { work in
                let ids = try await work.create("first")
                #expect(ids == [1])
            }
            let port = try #require(URLComponents(string: database.url)?.port)
            try await TroubledWire.withWire(to: port) { wire in
                let wired = database.url.replacingOccurrences(of: ":\(port)/", with: ":\(wire.port)/")
                for offset in stride(from: 1_250, through: 2_000, by: 150) {
                    wire.plan(.silence, after: offset, .toServer)
                    try await StorageAtWork.run(at: wired, "statement_timeout: 1s") { work in
                        let ids = try await work.create("after \(offset)")
                        #expect(ids.count == 1)
                    }
                    #expect(wire.forget(), "the start takes fewer bytes than \(offset)")
                }
            }
        }
    }

    @Test("a storage that is told to stop while a server that stands still makes its tables ends at once")
    func stop() async throws {
        try await PostgresServer.withServer("fsync=off") { server in
            try await server.sql(
                """
                CREATE FUNCTION wait() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); END';
                CREATE EVENT TRIGGER slow ON ddl_command_start EXECUTE FUNCTION wait()
                """)
            let logger = Logger(label: "postgres") { _ in SwiftLogNoOpLogHandler() }
            let context = PluginContext.standalone("postgres", logger: logger, time: SystemTime(), servesOn: true)
            let storage = PostgresStorage(try .init(yaml: "url: \(server.url)"), context: context)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await storage.run() }
                try await context.waitUntilSettled()
                try await server.pause()
                // Whoever waits for the server is woken in the end.
                let rescue = Task {
                    try await Task.sleep(for: .seconds(15))
                    try await server.resume()
                }
                tasks.cancelAll()
                try? await tasks.waitForAll()
                rescue.cancel()
                await #expect(throws: CancellationError.self, "it ended by itself") { try await rescue.value }
                try await server.resume()
            }
        }
    }
}
