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
        /// The server that has no room for the connection that writes; `nil` where there is none.
        var full: Place?
        /// Whether one of those that read is to end.
        var asksForRoom = false
        var nextAsking = Instant.now
        var pause = shortestPause
        var wakeReaders: @Sendable () -> Void = {}
    }

    /// How long after one that reads the next is to end. It doubles each time: others may have taken the room, and then
    /// it is no use to end all.
    private static let shortestPause = Duration.seconds(1)

    private let state = Mutex(State())  // protects where the connection that writes is, and what it needs

    var current: Position { state.withLock { $0.position } }

    /// There is a new connection that writes.
    func move(to place: Place) {
        state.withLock { $0.position = Position(place: place, turn: $0.position.turn + 1) }
    }

    /// Has something wake the connections that read and are idle, when one is to end.
    func wakeReaders(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wakeReaders = wake } }

    /// A server has no room for the connection that writes.
    func askForRoom(at place: Place, now: Instant = .now) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            state.full = place
            guard now >= state.nextAsking else { return nil }
            state.asksForRoom = true
            state.nextAsking = now + state.pause
            state.pause *= 2
            return state.wakeReaders
        }
        wake?()
    }

    /// A server says something else to the connection that writes, or nothing.
    func noteRoom(at place: Place) {
        state.withLock { state in
            guard state.full == place else { return }
            (state.full, state.asksForRoom) = (nil, false)
            (state.nextAsking, state.pause) = (.now, Self.shortestPause)
        }
    }

    /// Whether a server has no room for the connection that writes, so that nobody else is to take any.
    var isCrowdedOut: Bool { state.withLock { $0.full != nil } }

    /// Whether a connection that reads is to end now; only the first to ask.
    func takeDemandForRoom() -> Bool {
        state.withLock { state in
            defer { state.asksForRoom = false }
            return state.asksForRoom
        }
    }
}
