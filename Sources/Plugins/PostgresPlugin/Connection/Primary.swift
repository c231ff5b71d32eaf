internal import OrderKernel
internal import Synchronization

/// Where the connection that writes is: those that read the same database follow it, and make room for it.
///
/// After a failover, the server that was the primary may still be there, and answer, without what was written since.
/// And a server that has too few connections left may have given them all to those that read.
final class Primary: Sendable {
    /// One connection that writes.
    struct Position: Sendable {
        /// Which of several hosts it goes to.
        var place = Place()
        /// Grows with each connection.
        var turn = 0
    }

    private struct State {
        var position = Position()
        /// Whether the server has no room for the connection that writes.
        var isCrowdedOut = false
        /// Whether one of those that read is to end.
        var asksForRoom = false
        /// When another is to end: somebody else may have taken the room of the one before.
        var nextAsking = Instant.now
        var wakeReader: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())  // protects where the connection that writes is, and what it needs

    var current: Position { state.withLock { $0.position } }

    /// There is a new connection that writes.
    func move(to place: Place) {
        state.withLock { state in
            state.position = Position(place: place, turn: state.position.turn + 1)
            (state.isCrowdedOut, state.asksForRoom) = (false, false)
        }
    }

    /// Has something wake a connection that reads and is idle, when it is to end.
    func wakeReader(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wakeReader = wake } }

    /// The connection that writes could not be made.
    func fail(isCrowdedOut: Bool) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            state.isCrowdedOut = isCrowdedOut
            guard isCrowdedOut, .now >= state.nextAsking else { return nil }
            state.asksForRoom = true
            state.nextAsking = .now + .seconds(1)
            return state.wakeReader
        }
        wake?()
    }

    /// Whether the server has no room for the connection that writes, so that nobody else is to take any.
    var isCrowdedOut: Bool { state.withLock { $0.isCrowdedOut } }

    /// Whether a connection that reads is to end now; only the first to ask.
    func takeDemandForRoom() -> Bool {
        state.withLock { state in
            defer { state.asksForRoom = false }
            return state.asksForRoom
        }
    }
}
