internal import BlockingThreads
internal import CPostgres
internal import Glibc
internal import OrderKernel
internal import Synchronization

/// The beginning of a connection, on a thread of its own: libpq looks up the host's name there, without a deadline.
final class ConnectionStart: Sendable {
    /// What the thread leaves. It closes one end of a pipe when it has ended; the other end is then ready.
    private final class Outcome: Sendable {
        private struct State {
            /// Address of what libpq gave.
            var handle: UInt?
            var isTaken = false
        }

        let end: Int32
        private let state = Mutex(State())  // protects the connection, until it is taken

        init(_ end: Int32) { self.end = end }

        var isTaken: Bool { state.withLock { $0.isTaken } }

        func set(_ handle: OpaquePointer?) { state.withLock { $0.handle = UInt(bitPattern: handle) } }

        func take() -> OpaquePointer? {
            state.withLock { state in
                guard !state.isTaken else { return nil }
                state.isTaken = true
                close(end)
                return state.handle.flatMap { OpaquePointer(bitPattern: $0) }
            }
        }

        deinit { PQfinish(take()) }
    }

    private let began = Instant.now
    private let outcome: Outcome

    /// - Parameter start: Calls libpq.
    init(_ start: @escaping @Sendable () -> OpaquePointer?) throws(PostgresFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresFailure(.unreachable, detail: "cannot make a pipe: \(SystemError.text(errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (outcome, end) = (Outcome(ends[0]), ends[1])
        self.outcome = outcome
        do throws(PluginError) {
            _ = try BlockingThread {
                outcome.set(start())
                close(end)
            }
        } catch {
            close(end)
            throw PostgresFailure(.unreachable, detail: error.description)
        }
    }

    /// Waits until the name is looked up. Not called once somebody has the connection.
    /// - Returns: Whether it is; `false` when the moment came first.
    func hasEnded(by end: Instant) -> Bool { waitForSocket(outcome.end, Int32(POLLIN), until: end) }

    /// The connection of a start that has ended, for the first who asks.
    /// - Returns: `nil` where libpq had no memory for it.
    func take() -> OpaquePointer? { outcome.take() }

    /// Whether an attempt may go on with it. A server gives up a connection that nobody cares about.
    fileprivate var isOfUse: Bool { !outcome.isTaken && (!hasEnded(by: .now) || .now - began < .seconds(30)) }
}

/// The starts of one thread. One that takes longer than an attempt is left to the next attempt, or else each would look
/// up the name anew, and their threads would pile up.
final class ConnectionStarts {
    private let begin: @Sendable (Place) -> OpaquePointer?
    private var starts: [Place: ConnectionStart] = [:]

    convenience init(_ server: Server) { self.init { server.start(server.parameters(for: $0)) } }

    /// - Parameter begin: Calls libpq.
    init(_ begin: @escaping @Sendable (Place) -> OpaquePointer?) { self.begin = begin }

    func start(to place: Place) throws(PostgresFailure) -> ConnectionStart {
        if let start = starts[place], start.isOfUse { return start }
        let start = try ConnectionStart { [begin] in begin(place) }
        starts[place] = start
        return start
    }
}
