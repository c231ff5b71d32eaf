internal import BlockingThreads
internal import CPostgres
internal import Glibc
internal import OrderKernel

/// A connection that is being made. Who waits for it may turn to something else, and go on waiting later.
final class ConnectionAttempt {
    let place: Place
    let began = Instant.now
    private let server: Server
    private let start: ConnectionStart
    private let end: Instant
    private var handle: OpaquePointer?
    private var wants = PGRES_POLLING_WRITING

    /// - Parameters:
    ///   - place: Which of several hosts.
    ///   - start: The beginning of it.
    ///   - end: When it is given up.
    init(_ server: Server, to place: Place, start: ConnectionStart, until end: Instant) {
        self.server = server
        self.place = place
        self.start = start
        self.end = end
    }

    deinit { PQfinish(handle) }

    /// - Parameters:
    ///   - pause: When to turn to something else.
    ///   - isUnwanted: Whether nobody wants the connection any more: the attempt then fails.
    ///   - meanwhile: Is called ten times a second while the connection is set up.
    /// - Returns: `nil` where the connection is not there yet. After anything else the attempt is over.
    func goOn(
        until pause: Instant, unless isUnwanted: () -> Bool, meanwhile: () -> Void = {}
    ) throws(PostgresFailure) -> Connection? {
        guard try hasStarted(by: pause, isUnwanted) else { return nil }
        while PQstatus(handle) != CONNECTION_BAD {
            let events = wants == PGRES_POLLING_READING ? POLLIN : POLLOUT
            while !waitForSocket(
                PQsocket(handle), Int32(events), until: min(end, pause, .now + .milliseconds(50)))
            {
                guard .now < end, !isUnwanted() else { throw .unanswered }
                if .now >= pause { return nil }
            }
            wants = PQconnectPoll(handle)
            if wants == PGRES_POLLING_OK, let handle {
                self.handle = nil
                return try server.accept(handle, meanwhile)
            }
            if wants == PGRES_POLLING_FAILED { break }
        }
        throw PostgresFailure(connecting: String(cString: PQerrorMessage(handle)))
    }

    private func hasStarted(by pause: Instant, _ isUnwanted: () -> Bool) throws(PostgresFailure) -> Bool {
        if handle != nil { return true }
        while !start.hasEnded(by: min(end, pause, .now + .milliseconds(50))) {
            guard .now < end, !isUnwanted() else { throw .nameless }
            if .now >= pause { return false }
        }
        handle = start.take()
        guard let handle else { throw PostgresFailure(.unreachable, detail: "no memory for a connection") }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)  // puts the server's code into the text, the only thing there is
        return true
    }
}

extension PostgresFailure {
    /// What libpq said of an attempt to connect: lines of text, of which one may hold the server's code.
    init(connecting text: String) {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("LOCATION:") }
        // How severe it is comes before, in the server's own language.
        let state = lines.lazy.compactMap { $0.firstMatch(of: /:  ([0-9A-Z]{5}):/)?.1 }.first
        let words = lines.map { line in
            let words = String(line.drop(while: \.isWhitespace))
            return words.replacing(/:  [0-9A-Z]{5}:/, with: ":")  // each of several attempts has one
        }
        self.init(.unreachable, state: state.map(String.init) ?? "", detail: words.joined(separator: "; "))
    }
}
