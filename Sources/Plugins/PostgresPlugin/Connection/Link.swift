internal import OrderKernel

/// A connection that is made anew when it is gone. It is used by one thread.
final class Link {
    private let server: Server
    private let limits: PoolLimits
    private let gauge: PoolGauge
    private let isUnwanted: () -> Bool
    private let prepare: (Connection) throws(PostgresFailure) -> Void
    private(set) var reconnection: Reconnection
    private let starts: ConnectionStarts
    private var connection: Connection?
    /// The connection that is being made.
    private var attempt: ConnectionAttempt?
    private var lastUse = Instant.now
    /// What the server may still have of connections that were lost.
    private var orphans: [Backend] = []
    private let primary: Primary?
    /// Whether this is the connection that writes, which the others follow.
    private let leads: Bool
    /// Which connection that writes this one has followed.
    private var turn = 0

    /// - Parameters:
    ///   - gauge: Counts its connection.
    ///   - isUnwanted: Whether nobody needs a connection any more, so that making one is given up.
    ///   - primary: Where the connection that writes is; `nil` where nobody follows it.
    ///   - leads: Whether this is the connection that writes.
    ///   - prepare: Is called with each new connection, before anyone uses it.
    init(
        _ server: Server, limits: PoolLimits, gauge: PoolGauge, isUnwanted: @escaping () -> Bool,
        primary: Primary? = nil, leads: Bool = false,
        prepare: @escaping (Connection) throws(PostgresFailure) -> Void = { _ in }
    ) {
        self.server = server
        self.limits = limits
        self.gauge = gauge
        self.isUnwanted = isUnwanted
        self.prepare = prepare
        self.primary = primary
        self.leads = leads
        reconnection = Reconnection(server)
        starts = ConnectionStarts(server)
    }

    /// The socket of the connection, for waiting; -1 where there is none.
    var socket: Int32 { connection?.socket ?? -1 }

    var isConnected: Bool { connection != nil }

    /// Whether a connection is being made.
    var isConnecting: Bool { attempt != nil }

    /// When an idle connection has been idle, or there, for long enough.
    var endOfIdleness: Instant? {
        connection.map { min(lastUse + limits.idleTimeout, $0.began + limits.lifetime) }
    }

    /// When to see whether the server still answers, where nobody has asked it anything since.
    var nextPing: Instant? { connection.map { _ in lastUse + .seconds(5) } }

    /// Makes a connection where there is none, or where the one that writes has moved on: one attempt, or a piece of
    /// it.
    /// - Parameters:
    ///   - pause: When the attempt is left alone; the next call goes on with it.
    ///   - meanwhile: Is called ten times a second while the new connection is set up.
    /// - Returns: Whether there is a connection.
    /// - Throws: Why there is none.
    func connect(before pause: Instant, meanwhile: () -> Void) throws(PostgresFailure) -> Bool {
        let leader = leads ? nil : primary?.current
        let isOutdated = leader.map { $0.turn != turn } ?? false
        if let connection, isOutdated || !connection.isAlive() || .now >= connection.began + limits.lifetime { close() }
        guard connection == nil else { return true }
        if leader != nil, primary?.isCrowdedOut == true {
            attempt = nil  // it has its room, too
            throw .crowdedOut
        }
        if let leader, isOutdated {
            reconnection.begin(with: leader.place)
            turn = leader.turn
            attempt = nil
        }
        let attempt = try currentAttempt()
        self.attempt = nil
        guard let new = try goOn(attempt, before: pause, meanwhile) else {
            self.attempt = attempt
            return false
        }
        do throws(PostgresFailure) {
            try endOrphans(with: new, meanwhile)
            try prepare(new)
        } catch {
            if error.kind == .lost { orphans += [new.backend].compactMap(\.self) }
            new.close()
            throw error.beforeUse
        }
        connection = new
        if leads { primary?.move(to: attempt.place) }
        gauge.noteCreation(since: attempt.began)
        lastUse = .now
        reconnection.succeed(after: .now - attempt.began)
        return true
    }

    private func goOn(
        _ attempt: ConnectionAttempt, before pause: Instant, _ meanwhile: () -> Void
    ) throws(PostgresFailure) -> Connection? {
        do throws(PostgresFailure) {
            let new = try attempt.goOn(until: pause, unless: isUnwanted, meanwhile: meanwhile)
            if leads, new != nil { primary?.noteRoom(at: attempt.place) }
            return new
        } catch {
            guard leads else { throw error }
            if error.isCrowd { primary?.askForRoom(at: attempt.place) } else { primary?.noteRoom(at: attempt.place) }
            throw error
        }
    }

    /// Ends the connection, where the one that writes needs its room.
    func makeRoom() {
        guard !leads, connection != nil, primary?.takeDemandForRoom() == true else { return }
        close()
    }

    /// Where this role may end no process, the server's own limits have to do it.
    private func endOrphans(with connection: Connection, _ meanwhile: () -> Void) throws(PostgresFailure) {
        let end = Instant.now + .seconds(2)
        while let orphan = orphans.last {
            do throws(PostgresFailure) {
                try connection.end(orphan, until: end, meanwhile: meanwhile)
            } catch {
                if error.kind == .lost { throw error }
            }
            orphans.removeLast()
        }
    }

    private func currentAttempt() throws(PostgresFailure) -> ConnectionAttempt {
        if let attempt { return attempt }
        let (place, patience) = reconnection.next()
        return ConnectionAttempt(server, to: place, start: try starts.start(to: place), until: .now + patience)
    }

    /// Runs one group of statements on the connection that there is.
    /// - Parameter meanwhile: Is called ten times a second while the answer is waited for.
    /// - Throws: Also when it is lost, or a new one is better.
    func run(
        _ calls: [Call], before deadline: Instant = .now + .seconds(3_600), meanwhile: () -> Void = {}
    ) throws(PostgresFailure) -> [ResultRows] {
        guard let connection else { throw .lost("the connection is gone") }
        do throws(PostgresFailure) {
            let rows = try gauge.using { () throws(PostgresFailure) in
                try connection.run(calls, until: min(deadline, .now + patience), meanwhile: meanwhile)
            }
            lastUse = .now
            return rows
        } catch {
            if error.kind == .lost { lose(connection) }
            // A server that only reads may have been the one that writes, and another now is.
            if error.code == "read_only" || error.isLostConnection || connection.isClosed { close() }
            throw error
        }
    }

    /// Runs several groups at once.
    /// - Parameter meanwhile: Is called ten times a second while the answer is waited for.
    func exchange(
        _ groups: [[Call]], before deadline: Instant, meanwhile: () -> Void
    ) -> [Exchange<ResultRows>.Outcome] {
        guard let connection else { return groups.map { _ in .failure(.lost("the connection is gone")) } }
        let outcomes = gauge.using {
            connection.exchange(groups, until: deadline, each: patience, meanwhile: meanwhile)
        }
        lastUse = .now
        if outcomes.contains(where: { if case .failure(let failure) = $0 { failure.kind == .lost } else { false } }) {
            lose(connection)
        }
        return outcomes
    }

    /// Ends the transaction of a batch that was given up half-way: what comes after it would be part of it.
    func leaveTransaction() {
        guard let connection, connection.isInTransaction else { return }
        if (try? run([Call(.rollback)], before: .now + .seconds(1))) == nil { close() }
    }

    private func lose(_ connection: Connection) {
        orphans += [connection.backend].compactMap(\.self)
        close()
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
        attempt = nil
        guard let connection else { return }
        connection.close()
        self.connection = nil
        gauge.open.subtract(1)
    }

    /// A server that lives has answered, or said that it will not, soon after its own limit for a statement.
    private var patience: Duration { server.statementTimeout + .seconds(1) }
}
