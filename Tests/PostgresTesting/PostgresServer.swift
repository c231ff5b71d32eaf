public import Foundation
internal import OrderKernelTesting

/// A PostgreSQL of the tests: the real server, in a folder of its own, on a port of the system's choice.
///
/// It ends with the tests, however they end: the program that runs it notices that nobody reads its standard error.
public final class PostgresServer: Sendable {
    /// What went wrong with a server, in the words of the program that failed.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Folder of the server's Unix socket, its `data` and its `log`.
    public let folder: URL
    /// URL of an empty database, with the password of the superuser.
    public let url: String
    /// URL of the same database through a PgBouncer in transaction mode; `nil` where there is none.
    public let poolerURL: String?
    public let port: Int
    let runner: OrderdProcess

    /// Folder of the server's programs; `nil` where PostgreSQL is not installed.
    public static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root))?.compactMap(Int.init) ?? []
        return versions.sorted().map { "\(root)/\($0)/bin" }.last {
            FileManager.default.isExecutableFile(atPath: "\($0)/initdb")
        }
    }()

    private static let started = Result { try PostgresStart(["--set", "fsync=off", "--set", "max_connections=500"]) }

    /// The one server of all suites that do nothing to a server but use a database of their own.
    ///
    /// It does not synchronise with the disk, which only matters when the machine goes down.
    public static var shared: PostgresServer {
        get async throws { try await started.get().server() }
    }

    init(folder: URL, urls: [String], runner: OrderdProcess) throws {
        guard let url = urls.first, let port = URLComponents(string: url)?.port else {
            throw Failure(description: "no URL in: \(urls)")
        }
        self.folder = folder
        self.url = url
        self.port = port
        self.poolerURL = urls.dropFirst().first
        self.runner = runner
    }

    /// Lends a server that nobody else uses.
    /// - Parameters:
    ///   - settings: Settings of the server, `name=value`.
    ///   - options: Further arguments of `throwaway-postgres`, such as `--pooler`.
    public static func withServer<Value: Sendable>(
        _ settings: String..., options: [String] = [], _ body: (PostgresServer) async throws -> Value
    ) async throws -> Value {
        try await lend(PostgresStart(settings.flatMap { ["--set", $0] } + options), body)
    }

    /// Lends a replica of this server, which follows it by streaming and answers reads.
    public func withReplica<Value: Sendable>(
        _ settings: String..., body: (PostgresServer) async throws -> Value
    ) async throws -> Value {
        let options = ["--standby-of", folder.path]
        return try await Self.lend(PostgresStart(settings.flatMap { ["--set", $0] } + options), body)
    }

    private static func lend<Value: Sendable>(
        _ start: PostgresStart, _ body: (PostgresServer) async throws -> Value
    ) async throws -> Value {
        let server = try await start.server()
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        server.runner.send(signal: SIGTERM)
        await server.runner.exitCode()
        return try result.get()
    }

    /// Lends a new, empty database.
    /// - Parameter options: What follows `CREATE DATABASE name`, such as an encoding.
    public func withDatabase<Value: Sendable>(
        _ options: String = "", _ body: (PostgresDatabase) async throws -> Value
    ) async throws -> Value {
        let name = "t" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        try await sql("CREATE DATABASE \(name) \(options)")
        let result: Result<Value, any Error>
        do { result = .success(try await body(PostgresDatabase(name, of: self))) } catch { result = .failure(error) }
        _ = try? await sql("DROP DATABASE \(name) WITH (FORCE)")
        return try result.get()
    }

    /// Runs statements with psql, each in a transaction of its own.
    /// - Returns: The rows, a line each, with `|` between the values.
    @discardableResult
    public func sql(_ statements: String..., in database: String = "orders") async throws -> String {
        let connection = ["-h", folder.path, "-p", "\(port)", "-U", "postgres", "-d", database]
        let commands = statements.flatMap { ["-c", $0] }
        let rows = try await run("psql", connection + ["-XAtq", "-v", "ON_ERROR_STOP=1"] + commands)
        return rows.hasSuffix("\n") ? String(rows.dropLast()) : rows
    }

    /// Runs one of the server's programs as the user that the server runs as.
    /// - Returns: What it wrote to standard output.
    @discardableResult
    public func run(_ program: String, _ arguments: [String]) async throws -> String {
        guard let programs = Self.programs else { throw Failure(description: "PostgreSQL is not installed") }
        let process = try OrderdProcess(command: try user + ["\(programs)/\(program)"] + arguments, in: folder)
        guard await process.exitCode() == 0 else {
            throw Failure(description: "\(program): " + process.errorLines.joined(separator: "\n"))
        }
        return String(decoding: process.output, as: UTF8.self)
    }

    private var user: [String] {
        get throws {
            guard geteuid() == 0 else { return [] }
            let owner = try FileManager.default.attributesOfItem(atPath: folder.path)
            guard let user = owner[.ownerAccountID] as? Int, let group = owner[.groupOwnerAccountID] as? Int else {
                throw Failure(description: "nobody owns \(folder.path)")
            }
            return ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
        }
    }
}
