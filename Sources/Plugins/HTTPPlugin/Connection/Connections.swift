internal import Synchronization

/// The connections of a transport that are open.
final class Connections: Sendable {
    /// Whether a new connection is served.
    enum Admission { case served, surplus, dropped }

    private struct State {
        var open: [ObjectIdentifier: Connection] = [:]
        var accepted = 0
    }

    /// Connections beyond the limit that are still told that there are too many.
    static let mostSurplus = 64

    private let state = Mutex(State())  // protects the list
    private let most: Int

    init(most: Int) {
        self.most = most
    }

    /// Counts a connection that was accepted; ``leave()`` follows unless it is dropped.
    func enter() -> Admission {
        state.withLock { state in
            guard state.accepted < most + Self.mostSurplus else { return .dropped }
            state.accepted += 1
            return state.accepted > most ? .surplus : .served
        }
    }

    func leave() { state.withLock { $0.accepted -= 1 } }

    func add(_ connection: Connection) {
        state.withLock { $0.open[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: Connection) {
        _ = state.withLock { $0.open.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Those that are open now.
    var all: [Connection] { state.withLock { Array($0.open.values) } }

    /// Ends every connection at once. Returns how many requests go without an answer.
    func cut() -> Int { all.reduce(0) { $0 + $1.cut() } }
}
