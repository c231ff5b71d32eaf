import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// What was acknowledged is in PostgreSQL, exactly once, whatever is killed.
    @Suite("Durability on PostgreSQL", .timeLimit(.minutes(5)))
    struct PostgresDurabilityTests {
        let folder: ServiceFolder

        init() throws { folder = try ServiceFolder() }

        @Test("every order that was acknowledged before one of twenty SIGKILLs of orderd is there")
        func orderdKilled() async throws {
            let server = try await PostgresServer.shared
            try await server.withDatabase { database in
                var output = Data()
                for round in 1...20 {
                    let service = try folder.serve(at: database.url)
                    let port = try await service.port()
                    try await ServiceHealth(folder: folder, port: port).wait(until: 200)
                    let poster = try folder.startClient("poster.py", "\(port)", "8", "100000", "round-\(round)-")
                    try await poster.moreOutput(lines: 5 * round)
                    service.send(signal: SIGKILL)
                    #expect(await service.exitCode() == 128 + SIGKILL)
                    await poster.exitCode()
                    output += poster.output
                }
                let acknowledged = Acknowledgements(output)
                #expect(acknowledged.count >= 1_050)
                #expect(try await acknowledged.mistakes(in: server, database: database.name) == [])
            }
        }

        @Test("every order that was acknowledged is there after five SIGKILLs of the server, and the service goes on")
        func serverKilled() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                let service = try folder.serve(at: server.url)
                let poster = try folder.startClient("persistent.py", "\(try await service.port())", "8")
                for _ in 1...5 {
                    try await poster.moreOutput(lines: 300)
                    try await server.kill()
                    try await server.start()
                }
                try await poster.moreOutput(lines: 300)
                #expect(await poster.stop() == 0)
                #expect(poster.errorLines == [])
                #expect(await service.stop() == 0)
                let acknowledged = Acknowledgements(poster.output)
                #expect(try await acknowledged.mistakes(in: server) == [])
            }
        }
    }
}
