import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// The ways to say where the server is, and who asks.
    @Suite("Places of PostgreSQL", .timeLimit(.minutes(5)))
    struct PostgresPlaceTests {
        let folder: ServiceFolder
        private let line = #"{"customer_id":"c","wood_type":"oak","quantity":1}"# + "\n"

        init() throws { folder = try ServiceFolder() }

        /// A way to say the same place.
        enum Way: CaseIterable {
            case socket, socketInURL, passwordSetting, passwordFile, passwordFileOfEnvironment, passwordOfEnvironment
            case variablesAlone
        }

        @Test(
            "a server is found by its socket as by its port, and the password wherever it is kept",
            arguments: Way.allCases)
        func found(way: Way) async throws {
            try await PostgresServer.shared.withDatabase { database in
                let parts = try #require(URLComponents(string: database.url))
                let (user, password) = (try #require(parts.user), try #require(parts.password))
                let port = try #require(parts.port)
                let file = try folder.write("passwords", "127.0.0.1:\(port):*:\(user):\(password)\n")
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
                let socket = database.server.folder.path
                let open = "host=127.0.0.1 port=\(port) dbname=\(database.name) user=\(user)"
                let (url, settings, environment): (String, [String], [String: String]) =
                    switch way {
                    case .socket: ("host=\(socket) port=\(port) dbname=\(database.name) user=\(user)", [], [:])
                    case .socketInURL:
                        ("postgresql:///\(database.name)?host=\(socket)&port=\(port)&user=\(user)", [], [:])
                    case .passwordSetting: (open, ["--set", "storage.postgres.password=\(password)"], [:])
                    case .passwordFile: ("\(open) passfile=\(file.path)", [], [:])
                    case .passwordFileOfEnvironment: (open, [], ["PGPASSFILE": file.path])
                    case .passwordOfEnvironment: (open, [], ["PGPASSWORD": password])
                    case .variablesAlone:
                        (
                            "postgresql://", [],
                            [
                                "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGUSER": user, "PGPASSWORD": password,
                                "PGDATABASE": database.name,
                            ]
                        )
                    }
                let arguments = ["run", "--set", "transport.http=false", "--set", "transport.json_lines="]
                let job = try OrderdProcess(
                    arguments + ["--set", "storage.postgres.url=\(url)"] + settings, in: folder.url,
                    input: try folder.write("input", line), environment: environment)
                #expect(await job.exitCode() == 0, "\(job.errorLines)")
                #expect(try await database.sql("SELECT count(*) FROM orders") == "1")
                #expect(!job.errorLines.contains { $0.contains(password) })
            }
        }

        @Test("a file of passwords that others can read is not used, as libpq has it, and the reason is said")
        func openFile() async throws {
            try await PostgresServer.shared.withDatabase { database in
                let parts = try #require(URLComponents(string: database.url))
                let port = try #require(parts.port)
                let file = try folder.write("passwords", "*:*:*:*:\(try #require(parts.password))\n")
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
                let url = "host=127.0.0.1 port=\(port) dbname=\(database.name) user=postgres passfile=\(file.path)"
                let job = try folder.job(at: url, input: try folder.write("input", line))
                #expect(await job.exitCode() == 69)
                #expect(job.errorLines.contains { $0.contains("no password supplied") })
            }
        }
    }
}
