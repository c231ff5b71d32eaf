internal import BlockingThreads
internal import Glibc
internal import Logging
internal import OrderKernel
internal import Synchronization

/// Looks after the schema for an operator, over a connection of its own.
struct Maintenance: Sendable {
    private let server: Server
    private let schema: SchemaName
    private let logger: Logger

    init(_ configuration: PostgresStorage.Configuration, _ logger: Logger) {
        self.logger = logger
        server = Server(configuration)
        schema = SchemaName(configuration.schema)
    }

    /// - Throws: `PluginError` when the database cannot be had, or is nothing for this program.
    func perform(_ work: SchemaWork) async throws(PluginError) -> SchemaReport {
        try Server.loadLibrary()
        let answer = Answer()
        let thread = try BlockingThread {
            answer.result.withLock { $0 = Result { () throws(PostgresFailure) in try report(after: work) } }
        }
        await thread.join()
        do throws(PostgresFailure) {
            return try answer.result.withLock { $0 }.get()
        } catch {
            throw PluginError("\(server) cannot be used: \(error.told).")
        }
    }

    /// What the thread found.
    private final class Answer: Sendable {
        let result = Mutex(Result<SchemaReport, PostgresFailure>.failure(.lost("nobody asked")))  // protects it
    }

    private func report(after work: SchemaWork) throws(PostgresFailure) -> SchemaReport {
        let connection = try connect()
        defer { connection.close() }
        let migrator = Migrator(schema, connection, timeout: server.statementTimeout)
        if case .migrate = work { try migrate(with: migrator) }
        return SchemaReport(place: "\(server) schema \(schema.quoted)", steps: try migrator.report())
    }

    /// Waits while another process does it or holds a table, and says so.
    private func migrate(with migrator: Migrator) throws(PostgresFailure) {
        var told: PostgresFailure?
        while true {
            do throws(PostgresFailure) {
                return try migrator.migrate()
            } catch {
                guard error.isLock else { throw error }
                if told != error { logger.warning("waiting for a lock", metadata: ["reason": "\(error.detail)"]) }
                told = error
                usleep(500_000)
            }
        }
    }

    /// Tries every host, patiently in the end.
    private func connect() throws(PostgresFailure) -> Connection {
        var reconnection = Reconnection(server)
        let starts = ConnectionStarts(server)
        while true {
            let (place, patience) = reconnection.next()
            do throws(PostgresFailure) {
                let start = try starts.start(to: place)
                let attempt = ConnectionAttempt(server, to: place, start: start, until: .now + patience)
                guard let connection = try attempt.goOn(until: .now + patience, unless: { false }) else {
                    throw .unanswered
                }
                return connection
            } catch {
                if error.isSilence ? reconnection.hasTriedAllLong : reconnection.hasTriedAll { throw error }
            }
        }
    }
}
