internal import OrderKernel

/// A connection that is made anew when it is gone. It is used by one thread.
final class Link {
    private let server: Server
    private let limits: PoolLimits
    private let gauge: PoolGauge
    private let isUnwanted: () -> Bool
    private let prepare: (Connection) throws(PostgresFailure) -> Void
    private(set) var reconnection: Reconnection
    private var connection: Connection?
    private var lastUse = Instant.now
    /// What the server may still have of a connection that was lost.
    private var orphan: Backend?

    /// - Parameters:
    ///   - gauge: Counts its connection.
    ///   - isUnwanted: Whether nobody needs a connection any more, so that making one is given up.
    ///   - prepare: Is called with each new connection, before anyone uses it.
    init(
        _ server: Server, limits: PoolLimits, gauge: PoolGauge, isUnwanted: @escaping () -> Bool,
        prepare: @escaping (Connection) throws(PostgresFailure) -> Void = { _ in }
    ) {
        self.server = server
        self.limits = limits
        self.gauge = gauge
        self.isUnwanted = isUnwanted
        self.prepare = prepare
        reconnection = Reconnection(server)
    }

    /// The socket of the connection, for waiting; -1 where there is none.
    var socket: Int32 { connection?.socket ?? -1 }

    var isConnected: Bool { connection != nil }

    /// When an idle connection has been idle, or there, for long enough.
    var endOfIdleness: Instant? {
        connection.map { min(lastUse + limits.idleTimeout, $0.began + limits.lifetime) }
    }

    /// When to see whether the server still answers, where nobody has asked it anything since.
    var nextPing: Instant? { connection.map { _ in lastUse + .seconds(5) } }

    /// Makes a connection where there is none: one attempt.
    /// - Throws: Why there is none.
    func connect() throws(PostgresFailure) {
        if let connection, !connection.isAlive() || .now >= connection.began + limits.lifetime { close() }
        guard connection == nil else { return }
        let (place, patience) = reconnection.next()
        let began = Instant.now
        let new = try server.connect(to: place, until: .now + patience, unless: isUnwanted)
        do throws(PostgresFailure) {
            if let orphan { try new.end(orphan, until: .now + .seconds(2)) }
            try prepare(new)
        } catch {
            new.close()
            throw error.beforeUse
        }
        orphan = nil
        connection = new
        gauge.noteCreation(since: began)
        lastUse = .now
        reconnection.succeed(after: .now - began)
    }

    /// Runs one group of statements on the connection that there is.
    /// - Throws: Also when it is lost, or a new one is better.
    func run(_ calls: [Call], before deadline: Instant = .now + .seconds(3_600)) throws(PostgresFailure) -> [ResultRows]
    {
        guard let connection else { throw .lost("the connection is gone") }
        do throws(PostgresFailure) {
            let rows = try gauge.using { () throws(PostgresFailure) in
                try connection.run(calls, until: end(before: deadline))
            }
            lastUse = .now
            return rows
        } catch {
            // A server that only reads may have been the one that writes, and another now is.
            if error.kind == .lost { orphan = connection.backend }
            if error.kind == .lost || error.code == "read_only" || connection.isClosed { close() }
            throw error
        }
    }

    /// Runs several groups at once.
    func exchange(_ groups: [[Call]], before deadline: Instant) -> [Exchange<ResultRows>.Outcome] {
        guard let connection else { return groups.map { _ in .failure(.lost("the connection is gone")) } }
        let outcomes = gauge.using { connection.exchange(groups, until: end(before: deadline)) }
        lastUse = .now
        if outcomes.contains(where: { if case .failure(let failure) = $0 { failure.kind == .lost } else { false } }) {
            orphan = connection.backend
            close()
        }
        return outcomes
    }

    /// Takes in what came unasked, and closes a connection that has ended or that nobody used for long.
    /// - Returns: Whether one was lost.
    func look() -> Bool {
        guard let connection else { return false }
        if !connection.isAlive() {
            close()
            return true
        }
        if let end = endOfIdleness, .now >= end { close() }
        return false
    }

    func close() {
        guard let connection else { return }
        connection.close()
        self.connection = nil
        gauge.open.subtract(1)
    }

    /// A server that lives has answered, or said that it will not, soon after its own limit for a statement.
    private func end(before deadline: Instant) -> Instant {
        min(deadline, .now + server.statementTimeout + .seconds(1))
    }
}

/// How many connections there are, and how long they live.
struct PoolLimits: Sendable {
    /// Connections to the primary: one writes, the others read.
    var connections = 5
    /// Longest wait for a connection.
    var acquireTimeout = Duration.seconds(5)
    /// How long a connection that reads may be idle.
    var idleTimeout = Duration.seconds(600)
    /// How long a connection may be used.
    var lifetime = Duration.seconds(3_600)
}
