/// Whose turn it is in an ``OrderedInput``. Its methods say who goes on; the effect happens outside the lock.
struct OrderedInputState {
    /// Reads that may be under way at once: enough to keep any storage busy, and few, as each has its frames.
    static let mostReads = 256

    typealias Waiter = UnsafeContinuation<Void, any Error>

    /// What is waited for.
    enum Wish: Equatable {
        /// That the turn with that number comes.
        case turn(Int)
        /// The same, of a read that passes it as it begins.
        case sharedRead(Int)
        /// That no write is without its outcome.
        case writes
    }

    /// The turn that has come.
    private(set) var next = 0
    private(set) var openWrites = 0
    private(set) var isStopped = false
    /// Since when reads whose turns have come have been at it: the attempts of each share the patience of the input.
    var reads: [Int: Instant] = [:]
    /// Reads that have passed their turns, and are not done.
    private var sharedReads: Set<Int> = []
    /// Those of one turn are several where a middleware runs the rest of the chain twice at once.
    private var waiters: [Int: [Waiter]] = [:]
    private var sharingWaiters: [Int: Waiter] = [:]
    /// Who waits for the writes, and has its turn.
    private var readers: [Waiter] = []

    /// Whether the turn has come, or has passed.
    func hasCome(_ number: Int) -> Bool { next > number || (next == number && sharedReads.isEmpty) }

    /// Begins a read and passes its turn, if it may; ``admit()`` follows.
    mutating func beginSharedRead(_ number: Int) -> Wish? {
        if next > number { return nil }
        guard number == next, canShare else { return .sharedRead(number) }
        share()
        return nil
    }

    mutating func endSharedRead(_ number: Int) -> [Waiter] {
        reads[number] = nil
        guard sharedReads.remove(number) != nil else { return [] }
        return admit()
    }

    mutating func pass(_ number: Int) -> [Waiter] {
        guard number == next else { return [] }
        reads[number] = nil
        next += 1
        return admit()
    }

    mutating func enterWrite(_ number: Int) -> [Waiter] {
        openWrites += 1
        return pass(number)
    }

    mutating func leaveWrite() -> [Waiter] {
        openWrites -= 1
        guard openWrites == 0 else { return [] }
        defer { readers = [] }
        return readers + admit()
    }

    mutating func park(_ waiter: Waiter, for wish: Wish) {
        switch wish {
        case .turn(let number): waiters[number, default: []].append(waiter)
        case .sharedRead(let number): sharingWaiters[number] = waiter
        case .writes: readers.append(waiter)
        }
    }

    /// - Returns: All who wait; none of them may go on.
    mutating func stop() -> [Waiter] {
        isStopped = true
        defer {
            waiters = [:]
            sharingWaiters = [:]
            readers = []
        }
        return waiters.values.flatMap(\.self) + sharingWaiters.values + readers
    }

    private var canShare: Bool { openWrites == 0 && sharedReads.count < Self.mostReads }

    private mutating func share() {
        sharedReads.insert(next)
        next += 1
    }

    /// Takes those whose turn has come.
    mutating func admit() -> [Waiter] {
        var admitted: [Waiter] = []
        while canShare, let waiter = sharingWaiters.removeValue(forKey: next) {
            admitted.append(waiter)
            share()
        }
        if sharedReads.isEmpty { admitted += waiters.removeValue(forKey: next) ?? [] }
        return admitted
    }
}
