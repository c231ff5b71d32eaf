import Foundation
import OrderKernelTesting
import PostgresTesting

extension ServiceFolder {
    /// Serves HTTP from a PostgreSQL, on a port of the system's choice.
    func serve(at url: String, _ settings: String...) throws -> OrderdProcess {
        try start(["run"] + Self.arguments(["transport.http.port=0", "storage.postgres.url=\(url)"] + settings))
    }

    /// Runs JSON lines into a PostgreSQL.
    func job(at url: String, input: URL?, _ settings: String...) throws -> OrderdProcess {
        let all = ["transport.http=false", "transport.json_lines=", "storage.postgres.url=\(url)"] + settings
        return try OrderdProcess(["run"] + Self.arguments(all), in: self.url, input: input)
    }

    private static func arguments(_ settings: [String]) -> [String] {
        (["logging.format=json"] + settings).flatMap { ["--set", $0] }
    }
}

extension OrderdProcess {
    /// Tells the process to stop, and waits until it has.
    /// - Returns: Its exit code.
    func stop() async -> Int32 {
        send(signal: SIGTERM)
        return await exitCode()
    }

    /// Waits until so many more lines than now were written to standard output.
    func moreOutput(lines count: Int) async throws {
        let wanted = lineCount + count
        while lineCount < wanted {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private var lineCount: Int { output.count { $0 == UInt8(ascii: "\n") } }
}

/// What a service says of itself.
struct ServiceHealth {
    let folder: ServiceFolder
    let port: Int

    /// Status and body of `/readyz`.
    func readiness() async throws -> (status: Int, body: String) {
        let (output, _) = try await folder.run(
            "curl", ["-s", "--max-time", "20", "-w", "\n%{http_code}", "127.0.0.1:\(port)/readyz"])
        let parts = output.split(separator: "\n")
        return (parts.last.flatMap { Int($0) } ?? 0, parts.first.map(String.init) ?? "")
    }

    /// Waits until `/readyz` answers that.
    func wait(until status: Int) async throws {
        while try await readiness().status != status { try Task.checkCancellation() }
    }

    /// Waits until `/readyz` names an error.
    func wait(untilTold code: String) async throws {
        while try await !readiness().body.contains(#""error":"\#(code)""#) { try Task.checkCancellation() }
    }
}

extension ServiceFolder {
    /// Creates an order, of a customer of its own, with curl.
    /// - Returns: Head and body of the answer.
    func create(on port: Int) async throws -> String {
        let order = #"{"customer_id":"\#(UUID())","wood_type":"oak","quantity":1}"#
        return try await run("curl", ["-si", "--max-time", "60", "--json", order, "127.0.0.1:\(port)/orders"]).output
    }
}

/// The orders that a client was told are stored.
struct Acknowledgements {
    private let lines: [Substring]

    /// - Parameter output: A line `id customer_id` for each.
    init(_ output: Data) {
        lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    }

    var count: Int { lines.count }

    /// What is wrong with a database: an acknowledged order that is not there, or an order that is there twice.
    func mistakes(
        in server: PostgresServer, database: String = "orders", table: String = "orders"
    ) async throws -> [String] {
        let rows = try await server.sql("SELECT id || ' ' || customer_id FROM \(table)", in: database)
            .split(separator: "\n")
        let customers = Dictionary(grouping: rows) { $0.split(separator: " ").last ?? "" }
        let doubled = customers.filter { $0.value.count > 1 }.map { "twice: \($0.value)" }
        let stored = Set(rows)
        return doubled + lines.filter { !stored.contains($0) }.map { "acknowledged, not there: \($0)" }
    }
}
