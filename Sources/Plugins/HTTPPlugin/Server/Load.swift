internal import Synchronization

/// What all connections of a transport hold together, within bounds.
final class Load: Sendable {
    private let requests = Atomic(0)
    private let bytes = Atomic(0)
    private let mostRequests: Int
    private let mostBytes: Int

    init(requests: Int, bytes: Int) {
        self.mostRequests = requests
        self.mostBytes = bytes
    }

    /// Takes a place for a request that is about to be worked on. Returns whether there was one.
    func enter() -> Bool { Self.take(1, of: requests, most: mostRequests) }

    func leave() { requests.subtract(1, ordering: .relaxed) }

    /// Takes room for a piece of a body. Returns whether there was room.
    func hold(_ count: Int) -> Bool { Self.take(count, of: bytes, most: mostBytes) }

    func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    private static func take(_ count: Int, of total: borrowing Atomic<Int>, most: Int) -> Bool {
        if total.add(count, ordering: .relaxed).newValue <= most { return true }
        total.subtract(count, ordering: .relaxed)
        return false
    }
}
