import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// What the process does when the server is not to be had at the start.
    @Suite("A start on PostgreSQL", .timeLimit(.minutes(5)))
    struct PostgresStartTests {
        let folder: ServiceFolder
        private let line = #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n"

        init() throws { folder = try ServiceFolder() }

        @Test("a service waits for its server, alive and not ready; a job does not")
        func absent() async throws {
            try await PostgresServer.withServer("fsync=off") { server in
                try await server.stop()
                let service = try folder.serve(at: server.url)
                let port = try await service.port()
                let health = ServiceHealth(folder: folder, port: port)
                #expect(try await health.readiness().status == 503)
                let alive = try await folder.run(
                    "curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "127.0.0.1:\(port)/livez"])
                #expect(alive.output == "200")
                #expect(try await folder.play([.list([])], on: port).map(\.status) == [503])
                let job = try folder.job(at: server.url, input: try folder.write("input", line))
                #expect(await job.exitCode() == 69)
                let impatient = try folder.serve(at: server.url, "storage.postgres.on_start_failure=fail")
                #expect(await impatient.exitCode() == 69)
                try await server.start()
                try await health.wait(until: 200)
                #expect(await service.stop() == 0)
            }
        }

        @Test("a first host that is not there is no trouble where the next one is")
        func nextHost() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let url = database.url.replacingOccurrences(of: "@127.0.0.1:", with: "@127.0.0.1:1,127.0.0.1:")
                let service = try folder.serve(at: url)
                let port = try await service.port()
                #expect(try await folder.play([.create(line)], on: port).map(\.status) == [201])
                #expect(await service.stop() == 0)
                #expect(!service.errorLines.contains { $0.contains("unavailable") || $0.contains("not ready") })
            }
        }

        @Test("of the hosts of a service file, one that says nothing does not hold up the next")
        func serviceFile() async throws {
            try await PostgresServer.withServer("fsync=off") { silent in
                try await silent.pause()
                try await PostgresServer.shared.withDatabase { database in
                    let url = try #require(URLComponents(string: database.url))
                    try folder.write(
                        "services",
                        """
                        [orders]
                        host=127.0.0.1,127.0.0.1
                        port=\(silent.port),\(try #require(url.port))
                        dbname=\(database.name)
                        user=\(try #require(url.user))
                        password=\(try #require(url.password))
                        """)
                    let job = try folder.start(
                        "run", "--set", "transport.http=false", "--set", "transport.json_lines=", "--set",
                        "storage.postgres.url=service=orders", input: try folder.write("input", line),
                        environment: ["PGSERVICEFILE": folder.file("services").path])
                    #expect(await job.exitCode() == 0)
                    #expect(try await database.sql("SELECT count(*) FROM orders") == "1")
                }
                try await silent.resume()
            }
        }

        @Test("what killed processes have left and cannot be removed is said, and is no trouble")
        func unswept() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let tables = try folder.job(at: database.url, input: nil)
                #expect(await tables.exitCode() == 0)
                try await database.sql(
                    """
                    INSERT INTO order_batches (token, made_at) VALUES (gen_random_uuid(), now() - interval '3 days');
                    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''kept''; END';
                    CREATE TRIGGER keep BEFORE DELETE ON order_batches FOR EACH ROW
                        WHEN (OLD.made_at < '2026-01-01') EXECUTE FUNCTION keep();
                    UPDATE order_batches SET made_at = '2025-12-31'
                    """)
                let service = try folder.serve(at: database.url)
                try await service.errorLine(containing: "old batches not removed")
                try await ServiceHealth(folder: folder, port: try await service.port()).wait(until: 200)
                #expect(await service.stop() == 0)
                #expect(!service.errorLines.contains { $0.contains("storage unavailable") })
            }
        }

        @Test("a wrong password is one clear line without the password, and nothing to wait for")
        func wrongPassword() async throws {
            let server = try await PostgresServer.shared
            let url = server.url.replacing(/:[^:@]*@/, with: ":hunter2@")
            for process in [try folder.serve(at: url), try folder.job(at: url, input: nil)] {
                #expect(await process.exitCode() == 69)
                #expect(process.errorLines.contains { $0.contains("password authentication failed") })
                #expect(!process.errorLines.contains { $0.contains("hunter2") })
            }
        }

        @Test("a database that is not there is one clear line, and nothing to wait for")
        func unknownDatabase() async throws {
            let server = try await PostgresServer.shared
            let service = try folder.serve(at: server.url.replacingOccurrences(of: "/orders", with: "/nowhere"))
            #expect(await service.exitCode() == 69)
            #expect(service.errorLines.contains { $0.contains("nowhere") })
        }

        @Test("a schema that is not there is one clear line, and nothing to wait for")
        func unknownSchema() async throws {
            let service = try folder.serve(at: try await PostgresServer.shared.url, "storage.postgres.schema=nowhere")
            #expect(await service.exitCode() == 69)
            #expect(service.errorLines.contains { $0.contains("nowhere") })
        }

        @Test("a database in another encoding is refused in one clear line", arguments: ["LATIN1", "SQL_ASCII"])
        func encoding(name: String) async throws {
            let options = "ENCODING '\(name)' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            try await PostgresServer.shared.withDatabase(options) { database in
                let service = try folder.serve(at: database.url)
                #expect(await service.exitCode() == 69)
                #expect(service.errorLines.contains { $0.contains(name) && $0.contains("UTF8") })
            }
        }

        @Test("a table of the name that is not orderd's is refused in one clear line, and left alone")
        func foreignTable() async throws {
            try await PostgresServer.shared.withDatabase { database in
                try await database.sql("CREATE TABLE orders(number integer)")
                let service = try folder.serve(at: database.url)
                #expect(await service.exitCode() == 69)
                #expect(service.errorLines.contains { $0.contains("name another schema as `schema`") })
                for verb in ["status", "plan", "migrate"] {
                    let setting = "storage.postgres.url=\(database.url)"
                    let command = try folder.start("storage", verb, "--set", setting)
                    #expect(await command.exitCode() == 69)
                    #expect(command.errorLines.contains { $0.contains("name another schema as `schema`") })
                }
                #expect(try await database.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'order%'") == "1")
            }
        }

        @Test(
            "the orders of another service come along as the guide says, with their ids",
            arguments: ["serial", "integer DEFAULT nextval('orders_id_seq')"])
        func takingOver(id: String) async throws {
            let guide = folder.root.appendingPathComponent("docs/guide/taking-over.md")
            let text = try String(contentsOf: guide, encoding: .utf8)
            let copy = try #require(text.firstMatch(of: /```sql\n([^`]*)```/)).1
            try await PostgresServer.shared.withDatabase { database in
                try await database.sql(
                    """
                    \(id == "serial" ? "" : "CREATE SEQUENCE orders_id_seq;")
                    CREATE TABLE orders(id \(id) PRIMARY KEY, wood_type text, quantity integer, status text);
                    INSERT INTO orders(wood_type, quantity, status) VALUES ('oak', 5, 'registered'),
                        ('pine', 2, 'ready'), ('elm', 1, 'done'), ('elm', 1, 'ready');
                    DELETE FROM orders WHERE id = 4
                    """)
                try await database.sql("CREATE SCHEMA new_orders")
                let url = database.url.replacingOccurrences(of: "postgresql://", with: "postgresql+psycopg2://")
                let settings = ["--set", "storage.postgres.url=\(url)", "--set", "storage.postgres.schema=new_orders"]
                let tables = try folder.start(["storage", "migrate"] + settings)
                #expect(await tables.exitCode() == 0)
                try await database.sql(String(copy))
                let service = try folder.serve(at: url, "storage.postgres.schema=new_orders")
                let port = try await service.port()
                try await ServiceHealth(folder: folder, port: port).wait(until: 200)
                let oak = #"{"customer_id":"c","wood_type":"oak","quantity":5}"#
                let answers = try await folder.play([.get("2"), .get("3"), .create(oak)], on: port)
                #expect(answers.map(\.status) == [200, 200, 201])
                #expect(answers[0].body.contains(#""wood_type":"pine","quantity":2,"status":"ready""#))
                #expect(answers[1].body.contains(#""status":"unknown""#))
                #expect(answers[2].body.contains(#""id":5"#))
                #expect(await service.stop() == 0)
            }
        }
    }
}
