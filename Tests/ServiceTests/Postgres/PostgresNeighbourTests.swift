import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// PostgreSQL as it is really run: behind a pooler, with a replica, with certificates.
    @Suite("PostgreSQL and what is around it", .timeLimit(.minutes(5)))
    struct PostgresNeighbourTests {
        let folder: ServiceFolder

        init() throws { folder = try ServiceFolder() }

        @Test("behind a PgBouncer that pools transactions, everything works without prepared statements")
        func pooler() async throws {
            try await PostgresServer.withServer("fsync=off", options: ["--pooler"]) { server in
                let url = try #require(server.poolerURL)
                let service = try folder.serve(at: url, "storage.postgres.prepare=false")
                let port = try await service.port()
                let poster = try folder.startClient("poster.py", "\(port)", "8", "400")
                #expect(await poster.exitCode() == 0)
                let acknowledged = Acknowledgements(poster.output)
                #expect(acknowledged.count == 400)
                #expect(try await acknowledged.mistakes(in: server) == [])
                let oak = #"{"customer_id":"c","wood_type":"oak","quantity":5}"#
                let answers = try await folder.play(
                    [
                        .create(oak, key: "k"), .create(oak, key: "k"), .update("1", #"{"status":"ready"}"#),
                        .get("1"), .list([("status", "ready")]), .list([("customer_id", "c"), ("limit", "1")]),
                    ], on: port)
                #expect(answers.map(\.status) == [201, 201, 200, 200, 200, 200])
                #expect(await service.stop() == 0)
            }
        }

        @Test("when a replica is promoted under load, the service goes there, and no acknowledged order is lost")
        func promotion() async throws {
            try await PostgresServer.withServer("fsync=off") { primary in
                try await primary.withReplica { replica in
                    try await primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
                    while try await primary.sql("SELECT sync_state FROM pg_stat_replication") != "sync" {
                        try Task.checkCancellation()
                    }
                    let both = "127.0.0.1:\(primary.port),127.0.0.1:\(replica.port)/orders"
                    let url = primary.url.replacingOccurrences(of: "127.0.0.1:\(primary.port)/orders", with: both)
                    let service = try folder.serve(at: url + "?target_session_attrs=read-write")
                    let poster = try folder.startClient("persistent.py", "\(try await service.port())", "8")
                    try await poster.moreOutput(lines: 500)
                    try await primary.kill()
                    try await replica.promote()
                    try await poster.moreOutput(lines: 500)
                    #expect(await poster.stop() == 0)
                    #expect(poster.errorLines == [])
                    #expect(await service.stop() == 0)
                    #expect(try await Acknowledgements(poster.output).mistakes(in: replica) == [])
                }
            }
        }

        @Test("an order is not acknowledged where somebody ends the wait for a synchronous standby")
        func cancelledWait() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                let service = try folder.serve(at: server.url)
                let port = try await service.port()
                try await server.sql(
                    "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
                while try await server.sql("SHOW synchronous_standby_names") != "nobody" {
                    try Task.checkCancellation()
                }
                let order = #"{"customer_id":"c","wood_type":"oak","quantity":1}"#
                let client = try OrderdProcess(
                    command: ["curl", "-s", "--max-time", "60", "--json", order, "127.0.0.1:\(port)/orders"],
                    in: folder.url)
                let cancel = "SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity "
                let waiting = "WHERE wait_event = 'SyncRep'"
                for _ in 1...3 {
                    while try await server.sql(cancel + waiting) == "0" { try Task.checkCancellation() }
                    #expect(client.output.isEmpty)
                }
                while try await server.sql("SELECT count(*) FROM pg_stat_activity \(waiting)") == "0" {
                    try Task.checkCancellation()
                }
                try await server.sql("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
                #expect(await client.exitCode() == 0)
                #expect(String(decoding: client.output, as: UTF8.self).hasPrefix(#"{"id":"#))
                #expect(try await server.sql("SELECT count(*) FROM orders") == "1")
                #expect(await service.stop() == 0)
            }
        }

        @Test("a job that is cut within a commit says that lines may be stored")
        func cutWithinCommit() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                #expect(try await folder.run("mkfifo", ["lines"]).code == 0)
                let job = try folder.job(
                    at: server.url, input: nil, "transport.json_lines.input=lines", "service.shutdown_grace=1s")
                let lines = try FileHandle(forWritingTo: folder.file("lines"))
                lines.write(Data(LinesTroubleTests.order.utf8))
                while job.output.isEmpty {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                try await server.sql(
                    "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
                let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                let standbys = "SHOW synchronous_standby_names"
                while try await server.sql(standbys) != "nobody" { try Task.checkCancellation() }
                lines.write(Data(String(repeating: LinesTroubleTests.order, count: 3).utf8))
                while try await server.sql(waiting) != "1" { try Task.checkCancellation() }
                #expect(await job.stop() == 75)
                let notice = "stopped early, after line 1 of the input; some of what follows may be stored"
                #expect(job.errorLines.contains { $0.contains(notice) })
            }
        }

        @Test("lists may go to a replica, and everything else goes to the primary")
        func replicaReads() async throws {
            try await PostgresServer.withServer("fsync=off") { primary in
                try await primary.withReplica("fsync=off") { replica in
                    let service = try folder.serve(at: primary.url, "storage.postgres.replicas=\(replica.url)")
                    let port = try await service.port()
                    let oak = #"{"customer_id":"c","wood_type":"oak","quantity":5}"#
                    #expect(try await folder.play([.create(oak), .get("1")], on: port).map(\.status) == [201, 200])
                    while try await replica.sql("SELECT count(*) FROM orders") != "1" { try Task.checkCancellation() }
                    // What the replica has not got shows that lists are read there.
                    try await replica.sql("SELECT pg_wal_replay_pause()")
                    let answers = try await folder.play([.create(oak), .get("2")], on: port)
                    #expect(answers.map(\.status) == [201, 200])
                    // While a busy machine keeps the replica from answering, the primary does.
                    while try await folder.play([.list([])], on: port)[0].body.contains(#""id":2"#) {
                        try Task.checkCancellation()
                    }
                    #expect(try await folder.play([.get("2")], on: port).map(\.status) == [200])
                    try await replica.sql("SELECT pg_wal_replay_resume()")
                    #expect(await service.stop() == 0)
                }
            }
        }

        @Test("while no replica can be reached, lists come from the primary; when one is back, they go there again")
        func replicaAway() async throws {
            try await PostgresServer.withServer("fsync=off") { primary in
                try await primary.withReplica("fsync=off") { replica in
                    let service = try folder.serve(at: primary.url, "storage.postgres.replicas=\(replica.url)")
                    let port = try await service.port()
                    let oak = #"{"customer_id":"c","wood_type":"oak","quantity":5}"#
                    #expect(try await folder.play([.create(oak), .list([])], on: port).map(\.status) == [201, 200])
                    for number in 2...3 {
                        try await replica.stop()
                        let answers = try await folder.play([.create(oak), .list([]), .list([])], on: port)
                        #expect(answers.map(\.status) == [201, 200, 200])
                        #expect(answers[1].body.contains(#""id":\#(number)"#))
                        try await replica.start()
                    }
                    // What the replica has not got shows that lists are read there.
                    while try await replica.sql("SELECT count(*) FROM orders") != "3" { try Task.checkCancellation() }
                    try await replica.sql("SELECT pg_wal_replay_pause()")
                    #expect(try await folder.play([.create(oak)], on: port).map(\.status) == [201])
                    while try await folder.play([.list([])], on: port)[0].body.contains(#""id":4"#) {
                        try Task.checkCancellation()
                    }
                    #expect(await service.stop() == 0)
                }
            }
        }

        @Test("while a replica lacks the tables, lists come from the primary")
        func replicaWithoutTables() async throws {
            try await PostgresServer.shared.withDatabase { database in
                try await PostgresServer.shared.withDatabase { copy in
                    let service = try folder.serve(at: database.url, "storage.postgres.replicas=\(copy.url)")
                    let port = try await service.port()
                    try await ServiceHealth(folder: folder, port: port).wait(until: 200)
                    #expect(try await folder.play([.list([]), .list([])], on: port).map(\.status) == [200, 200])
                    try await service.errorLine(containing: "replicas unavailable, lists come from the primary")
                    let job = try folder.job(at: copy.url, input: nil)
                    #expect(await job.exitCode() == 0)
                    try await service.errorLine(containing: "replicas available again")
                    #expect(await service.stop() == 0)
                }
            }
        }

        @Test("a list that a replica does not answer comes from the primary")
        func replicaSilent() async throws {
            try await PostgresServer.withServer("fsync=off") { primary in
                try await primary.withReplica("fsync=off") { replica in
                    let service = try folder.serve(
                        at: primary.url, "storage.postgres.replicas=\(replica.url)", "transport.http.deadline=20s")
                    let port = try await service.port()
                    let lists = [EndpointCase.Request](repeating: .list([]), count: 4)
                    #expect(try await folder.play(lists, on: port).allSatisfy { $0.status == 200 })
                    try await replica.pause()
                    #expect(try await folder.play(lists, on: port).allSatisfy { $0.status == 200 })
                    try await replica.resume()
                    #expect(await service.stop() == 0)
                }
            }
        }

        @Test("a certificate is verified, and a wrong one is refused in one clear line")
        func certificates() async throws {
            try await makeCertificate("ca", of: "/CN=the authority")
            try await makeCertificate("other", of: "/CN=another authority")
            try await makeCertificate("server", of: "/CN=localhost", signedBy: "ca")
            try await PostgresServer.withServer("fsync=off", options: ["--tls", folder.url.path]) { server in
                func url(_ host: String, _ authority: String) -> String {
                    server.url.replacingOccurrences(of: "@127.0.0.1:", with: "@\(host):")
                        + "?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=\(folder.file(authority + ".crt").path)"
                }
                let service = try folder.serve(at: url("localhost", "ca"))
                try await ServiceHealth(folder: folder, port: try await service.port()).wait(until: 200)
                let encrypted = "SELECT count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl"
                #expect(try await server.sql(encrypted) == "t")
                #expect(await service.stop() == 0)
                for wrong in [url("localhost", "other"), url("orders.example", "ca")] {
                    let service = try folder.serve(at: wrong)
                    #expect(await service.exitCode() == 69)
                    #expect(service.errorLines.contains { $0.contains("certificate") })
                }
            }
        }

        /// Makes `name.crt` and `name.key`.
        private func makeCertificate(_ name: String, of subject: String, signedBy authority: String? = nil) async throws
        {
            let signature = authority.map {
                ["-CA", "\($0).crt", "-CAkey", "\($0).key", "-addext", "subjectAltName=DNS:localhost"]
            }
            let made = try await folder.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", subject, "-keyout", "\(name).key", "-out", "\(name).crt",
                ] + (signature ?? []))
            #expect(made.code == 0)
        }
    }
}
