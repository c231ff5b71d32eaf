internal import Synchronization

/// Whether work that may have to wait for locks is given up meanwhile.
final class Abandonment: Sendable {
    private let flag = Atomic(false)

    /// Whether nobody waits for it any more.
    var isGivenUp: Bool { flag.load(ordering: .relaxed) }

    func giveUp() { flag.store(true, ordering: .relaxed) }
}
