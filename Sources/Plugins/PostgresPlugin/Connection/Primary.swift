internal import Synchronization

/// Where the connection that writes is: those that read the same database follow it.
///
/// After a failover, the server that was the primary may still be there, and answer, without what was written since.
final class Primary: Sendable {
    /// One connection that writes.
    struct Position: Sendable {
        /// Which of several hosts it goes to.
        var place = Place()
        /// Grows with each connection.
        var turn = 0
    }

    private let position = Mutex(Position())  // protects where the connection that writes is

    var current: Position { position.withLock { $0 } }

    /// There is a new connection that writes.
    func move(to place: Place) {
        position.withLock { $0 = Position(place: place, turn: $0.turn + 1) }
    }
}
