import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

@Suite("The tests' PostgreSQL", .needs("PostgreSQL", if: PostgresServer.programs != nil), .timeLimit(.minutes(5)))
struct PostgresServerTests {
    @Test("each test has an empty database of its own, in UTF-8")
    func databases() async throws {
        let server = try await PostgresServer.shared
        for _ in 1...2 {
            try await server.withDatabase { database in
                #expect(try await database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0")
                try await database.sql("CREATE TABLE orders()")
                #expect(try await database.sql("SHOW server_encoding") == "UTF8")
            }
        }
    }

    @Test("a server can be restarted, paused, killed and started again, and is gone in the end")
    func trouble() async throws {
        let folder = try await PostgresServer.withServer("fsync=off", "work_mem=5MB", options: ["--pooler"]) { server in
            try await server.sql("CREATE TABLE kept AS SELECT 1 AS number")
            try await server.restart()
            try await server.pause()
            try await server.resume()
            try await server.kill()
            try await server.start()
            try await server.terminateBackends()
            #expect(try await server.sql("SELECT number FROM kept") == "1")
            #expect(try await server.sql("SHOW work_mem") == "5MB")
            #expect(server.poolerURL != nil)
            return server.folder
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test("a replica follows, and can be promoted")
    func replica() async throws {
        try await PostgresServer.withServer("fsync=off") { primary in
            try await primary.withReplica("fsync=off") { replica in
                try await primary.sql("CREATE TABLE followed()")
                while try await replica.sql("SELECT to_regclass('followed')").isEmpty { await Task.yield() }
                try await primary.stop()
                try await replica.promote()
                #expect(try await replica.sql("SELECT pg_is_in_recovery()") == "f")
            }
        }
    }
}
