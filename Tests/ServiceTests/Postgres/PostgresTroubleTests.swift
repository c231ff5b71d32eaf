import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// The server goes away and comes back, and the service says so and goes on.
    @Suite("A PostgreSQL in trouble", .timeLimit(.minutes(5)))
    struct PostgresTroubleTests {
        let folder: ServiceFolder
        private let order = EndpointCase.Request.create(#"{"customer_id":"c","wood_type":"oak","quantity":1}"#)

        init() throws { folder = try ServiceFolder() }

        @Test("while it is away, requests get 503 with Retry-After, and readiness says why; then all goes on")
        func away() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                let service = try folder.serve(at: server.url)
                let port = try await service.port()
                let health = ServiceHealth(folder: folder, port: port)
                try await health.wait(until: 200)
                try await server.stop()
                try await health.wait(until: 503)
                let body = try await health.readiness().body
                #expect(body.contains(#""kind":"storage","name":"postgres","state":"unavailable""#))
                #expect(body.contains(#""since":""#))
                #expect(body.contains(#""error":""#))
                let (answer, _) = try await folder.run(
                    "curl",
                    [
                        "-si", "--max-time", "60", "--json", #"{"customer_id":"c","wood_type":"oak","quantity":1}"#,
                        "127.0.0.1:\(port)/orders",
                    ])
                #expect(answer.hasPrefix("HTTP/1.1 503"))
                #expect(answer.contains("\r\nRetry-After: "))
                #expect(answer.contains("/problems/storage_unavailable"))
                try await server.start()
                try await health.wait(until: 200)
                #expect(try await folder.play([order], on: port).map(\.status) == [201])
                #expect(await service.stop() == 0)
            }
        }

        @Test("restarts and ended connections under load lose and double nothing, and end nothing")
        func restarts() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                let service = try folder.serve(at: server.url)
                let poster = try folder.startClient("persistent.py", "\(try await service.port())", "8")
                for _ in 1...3 {
                    try await poster.moreOutput(lines: 100)
                    try await server.restart()
                    try await poster.moreOutput(lines: 100)
                    try await server.terminateBackends()
                }
                try await poster.moreOutput(lines: 100)
                #expect(await poster.stop() == 0)
                #expect(poster.errorLines == [])
                #expect(await service.stop() == 0)
                #expect(try await Acknowledgements(poster.output).mistakes(in: server) == [])
            }
        }

        @Test("connections that are ended under load are not even noticed by clients")
        func terminated() async throws {
            let server = try await PostgresServer.shared
            try await server.withDatabase { database in
                let service = try folder.serve(at: database.url)
                let poster = try folder.startClient("poster.py", "\(try await service.port())", "8", "1000")
                for _ in 1...5 {
                    try await poster.moreOutput(lines: 50)
                    try await server.terminateBackends(of: database.name)
                }
                #expect(await poster.exitCode() == 0)
                let acknowledged = Acknowledgements(poster.output)
                #expect(acknowledged.count == 1000)
                #expect(try await acknowledged.mistakes(in: server, database: database.name) == [])
                #expect(await service.stop() == 0)
            }
        }

        @Test("a server that says nothing is not waited for beyond the deadline, and is used when it speaks again")
        func silent() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                let service = try folder.serve(
                    at: server.url, "storage.postgres.statement_timeout=500ms", "transport.http.deadline=2s")
                let port = try await service.port()
                #expect(try await folder.play([order], on: port).map(\.status) == [201])
                try await server.pause()
                let answers = try await folder.play([order, .get("1"), .list([])], on: port)
                #expect(answers.allSatisfy { [503, 504].contains($0.status) })
                try await server.resume()
                try await ServiceHealth(folder: folder, port: port).wait(until: 200)
                #expect(try await folder.play([order, .get("1")], on: port).map(\.status) == [201, 200])
                #expect(await service.stop() == 0)
            }
        }

        @Test("ten that start together migrate once")
        func migrateOnce() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let services = try (1...10).map { _ in try folder.serve(at: database.url) }
                for service in services {
                    try await ServiceHealth(folder: folder, port: try await service.port()).wait(until: 200)
                }
                let steps = try await database.sql("SELECT count(*), count(DISTINCT version) FROM order_schema_steps")
                #expect(steps.split(separator: "|").first == steps.split(separator: "|").last)
                for service in services { service.send(signal: SIGTERM) }
                for service in services { #expect(await service.exitCode() == 0) }
            }
        }
    }
}
