internal import Synchronization

/// Whether a request is in the hands of middleware, or at the endpoint, where a middleware may send it more than once
/// at a time; and whether anybody still waits for it.
struct Passage: ~Copyable, Sendable {
    private static let givenUp = -1
    /// What is added once the request is answered.
    private static let over = Int.min / 2

    /// How often the request is at the endpoint now. Without middleware it is there from the beginning.
    private let calls = Atomic(1)

    var isOutside: Bool { calls.load(ordering: .acquiring) == 0 }

    var isGivenUp: Bool { calls.load(ordering: .acquiring) == Self.givenUp }

    /// - Returns: Whether somebody waits for the request.
    func enterEndpoint() -> Bool {
        var count = calls.load(ordering: .acquiring)
        while count >= 0 {
            let change = calls.compareExchange(expected: count, desired: count + 1, ordering: .acquiringAndReleasing)
            if change.exchanged { return true }
            count = change.original
        }
        return false
    }

    func leaveEndpoint() { calls.subtract(1, ordering: .acquiringAndReleasing) }

    /// The request was answered: whoever has kept it comes too late.
    func end() {
        var count = calls.load(ordering: .acquiring)
        while count != Self.givenUp {
            let change = calls.compareExchange(
                expected: count, desired: count + Self.over, ordering: .acquiringAndReleasing)
            if change.exchanged { return }
            count = change.original
        }
    }

    /// - Returns: Whether that could be: not while the request is at the endpoint.
    func giveUp() -> Bool {
        calls.compareExchange(expected: 0, desired: Self.givenUp, ordering: .acquiringAndReleasing).exchanged
    }
}
