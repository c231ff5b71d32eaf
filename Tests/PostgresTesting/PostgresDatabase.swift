import Foundation

/// A database of one test.
public struct PostgresDatabase: Sendable {
    public let name: String
    public let server: PostgresServer

    init(_ name: String, of server: PostgresServer) {
        self.name = name
        self.server = server
    }

    /// URL of the database, as superuser. A server on a busy machine may take long to answer.
    public var url: String { renamed(server.url) + "?connect_timeout=60" }

    /// URL of the database through the server's PgBouncer; `nil` where there is none.
    public var poolerURL: String? { server.poolerURL.map(renamed) }

    /// Runs statements with psql, each in a transaction of its own.
    /// - Returns: The rows, a line each, with `|` between the values.
    @discardableResult
    public func sql(_ statements: String) async throws -> String {
        try await server.sql(statements, in: name)
    }

    private func renamed(_ url: String) -> String {
        url.replacingOccurrences(of: "/orders", with: "/" + name)
    }
}
