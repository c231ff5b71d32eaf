internal import Synchronization

/// The connections of a transport that are open.
final class Connections: Sendable {
    /// Whether a new connection is served.
    enum Admission { case served, surplus, dropped }

    private struct State {
        var open: [ObjectIdentifier: Connection] = [:]
        var served = 0
        var surplus = 0
        var isStopping = false
    }

    /// Connections beyond the limit that are still told that there are too many; those beyond them are just closed.
    static let mostSurplus = 64

    private let state = Mutex(State())  // protects the list, and the room in it
    private let most: Int

    init(most: Int) {
        self.most = most
    }

    /// Takes a place for a new connection. Unless it is dropped, ``add(_:)`` and ``remove(_:)`` follow.
    func enter() -> Admission {
        state.withLock { state in
            if state.isStopping { return .dropped }
            if state.served < most {
                state.served += 1
                return .served
            }
            guard state.surplus < Self.mostSurplus else { return .dropped }
            state.surplus += 1
            return .surplus
        }
    }

    func add(_ connection: Connection) {
        state.withLock { $0.open[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: Connection) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            if connection.isSurplus { state.surplus -= 1 } else { state.served -= 1 }
        }
    }

    /// Those that are open now.
    var all: [Connection] { state.withLock { Array($0.open.values) } }

    /// Lets no more in.
    func stop() { state.withLock { $0.isStopping = true } }
}
