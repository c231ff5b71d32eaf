internal import Synchronization

/// The opening of a database, which may have to wait for locks, and may be given up meanwhile.
final class Opening: Sendable {
    private let flag = Atomic(false)

    /// Whether nobody waits for it any more.
    var isGivenUp: Bool { flag.load(ordering: .relaxed) }

    func giveUp() { flag.store(true, ordering: .relaxed) }
}
