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

        @Test("while somebody else has locked an order, only its own update waits")
        func lockedOrder() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let service = try folder.serve(at: database.url)
                let port = try await service.port()
                #expect(try await folder.play([order, order], on: port).map(\.status) == [201, 201])
                let lock = Task {
                    try await database.sql("BEGIN; SELECT pg_sleep(600) FROM orders WHERE id = 1 FOR UPDATE")
                }
                let locker =
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
                while try await database.sql(locker).isEmpty { try Task.checkCancellation() }
                let ready = #"{"status":"ready"}"#
                async let update = folder.run(
                    "curl", ["-s", "-X", "PUT", "--json", ready, "127.0.0.1:\(port)/orders/1"])
                for _ in 1...3 {
                    #expect(try await folder.play([.update("2", ready), order], on: port).map(\.status) == [200, 201])
                }
                try await database.sql("SELECT pg_terminate_backend(pid) FROM (\(locker)) AS lockers")
                let answer = try await update
                #expect(answer.output.contains(#""id":1,"#) && answer.output.contains(#""revision":2"#))
                await #expect(throws: PostgresServer.Failure.self) { try await lock.value }
                #expect(await service.stop() == 0)
            }
        }

        @Test("after a failover, reads come from where writes go, though the old server answers again")
        func failover() async throws {
            try await PostgresServer.withServer("fsync=off") { old in
                try await PostgresServer.withServer("fsync=off") { new in
                    let both = "127.0.0.1:\(old.port),127.0.0.1:\(new.port)/orders"
                    let service = try folder.serve(
                        at: old.url.replacingOccurrences(of: "127.0.0.1:\(old.port)/orders", with: both),
                        "storage.postgres.statement_timeout=500ms", "transport.http.deadline=20s")
                    let port = try await service.port()
                    let tables = try folder.job(at: new.url, input: nil)
                    #expect(await tables.exitCode() == 0)
                    let shared = try #require(URLComponents(string: old.url))
                    let (role, password) = (try #require(shared.user), try #require(shared.password))
                    try await new.sql("ALTER ROLE \(role) PASSWORD '\(password)'")
                    let reads = [EndpointCase.Request](repeating: .get("1"), count: 20) + [.list([])]
                    #expect(try await folder.play([order] + reads, on: port).allSatisfy { $0.status < 300 })
                    try await old.pause()
                    let newer = #"{"customer_id":"newer","wood_type":"oak","quantity":1}"#
                    while try await folder.play([.create(newer)], on: port)[0].status != 201 {
                        try Task.checkCancellation()
                    }
                    try await old.resume()
                    let answers = try await folder.play(reads, on: port)
                    #expect(answers.allSatisfy { $0.body.contains("newer") })
                    try await old.stop()
                    try await new.stop()
                    while try await ServiceHealth(folder: folder, port: port).readiness().status != 503 {
                        try Task.checkCancellation()
                    }
                    try await Task.sleep(for: .seconds(2))
                    #expect(service.errorLines.count { $0.contains("storage unavailable") } < 12, "each trouble once")
                    try await old.start()
                    try await new.start()
                    #expect(await service.stop() == 0)
                }
            }
        }

        @Test("what a server that says nothing keeps from its end is given up when the grace is over")
        func cut() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                let service = try folder.serve(
                    at: server.url, "transport.http.deadline=10m", "service.shutdown_grace=500ms")
                let port = try await service.port()
                #expect(try await folder.play([order], on: port).map(\.status) == [201])
                try await server.pause()
                let poster = try folder.startClient("poster.py", "\(port)", "4", "4")
                while try await ServiceHealth(folder: folder, port: port).readiness().status == 200 {
                    try Task.checkCancellation()
                }
                #expect(await service.stop() == 75)
                #expect(service.errorLines.contains { $0.contains("requests were cut") })
                try await server.resume()
                #expect(await poster.exitCode() == 0)
                #expect(poster.output.isEmpty)
            }
        }

        @Test("replicas that cannot be used are told once, and lists come from the primary")
        func unusableReplicas() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let wrong = database.url.replacing(/:[^:@]*@/, with: ":hunter2@")
                let service = try folder.serve(at: database.url, "storage.postgres.replicas=\(wrong)")
                let port = try await service.port()
                let lists = [EndpointCase.Request](repeating: .list([]), count: 5)
                #expect(try await folder.play([order] + lists, on: port).allSatisfy { $0.status < 300 })
                try await service.errorLine(containing: "replicas unavailable")
                #expect(try await folder.play(lists, on: port).allSatisfy { $0.status == 200 })
                #expect(service.errorLines.count { $0.contains("replicas unavailable") } == 1)
                #expect(!service.errorLines.contains { $0.contains("hunter2") })
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

        @Test("where a table is slow, a job hands over as many lines at once as there is time for, and ends")
        func slowTable() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let setting = "storage.postgres.url=\(database.url)"
                #expect(try await folder.storage("migrate", setting).code == 0)
                try await database.sql(
                    """
                    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN PERFORM pg_sleep(0.001); RETURN NEW; END $$;
                    CREATE TRIGGER slow BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION slow()
                    """)
                let line = #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n"
                let input = try folder.write("input.jsonl", String(repeating: line, count: 3_000))
                let job = try folder.job(
                    at: database.url, input: input, "storage.postgres.statement_timeout=600ms",
                    "transport.json_lines.retry_for=30s")
                #expect(await job.exitCode() == 0, "\(job.errorLines)")
                #expect(try await database.sql("SELECT count(*) FROM orders") == "3000")
            }
        }

        @Test("ten that start together migrate once")
        func migrateOnce() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let services = try (1...10).map { _ in try folder.serve(at: database.url) }
                for service in services {
                    try await ServiceHealth(folder: folder, port: try await service.port()).wait(until: 200)
                }
                let steps = try await database.sql("SELECT version FROM order_schema_steps ORDER BY version")
                #expect(steps == "1\n2")
                for service in services { service.send(signal: SIGTERM) }
                for service in services { #expect(await service.exitCode() == 0) }
            }
        }
    }
}
