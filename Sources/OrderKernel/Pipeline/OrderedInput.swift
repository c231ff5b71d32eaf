internal import Synchronization

/// One input whose requests take effect as if run one after another, though many of them are under way at once.
///
/// Every request has a turn, numbered from 0. A write enters the commit queue when all turns before it have passed, and
/// passes its own at once; a read also waits for the writes before it, and passes its turn when it is done.
public final class OrderedInput: Sendable {
    private struct State {
        var next = 0
        var openWrites = 0
        var isStopped = false
        /// The read whose turn it is, and since when: its attempts share the patience of the input.
        var read: (number: Int, since: Instant)?
        /// Those of one turn are several where a middleware runs the rest of the chain twice at once.
        var waiters: [Int: [UnsafeContinuation<Void, any Error>]] = [:]
        var readers: [UnsafeContinuation<Void, any Error>] = []

        mutating func pass(_ number: Int) -> [UnsafeContinuation<Void, any Error>] {
            guard number == next else { return [] }
            next += 1
            return waiters.removeValue(forKey: next) ?? []
        }

        mutating func stop() -> [UnsafeContinuation<Void, any Error>] {
            isStopped = true
            defer {
                waiters = [:]
                readers = []
            }
            return waiters.values.flatMap(\.self) + readers
        }
    }

    private let state = Mutex(State())  // protects whose turn it is, and who waits for theirs
    /// How long passing trouble of storage is waited out.
    let patience: Duration

    /// - Parameter patience: How long passing trouble of storage is waited out; it stands in for the deadline of a
    ///   request, which may have passed while requests before it were waited for.
    public init(patience: Duration = .seconds(60)) {
        self.patience = patience
    }

    /// The turn of the request with that number; every number from 0 is used once, and its turn is ended.
    public func turn(_ number: Int) -> Turn { Turn(input: self, number: number) }

    /// Whether no request of the input takes effect any more.
    public var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Lets no request take effect that has not yet: one before it failed for good, or the input is given up.
    public func stop() {
        for waiter in state.withLock({ $0.stop() }) { waiter.resume(throwing: CancellationError()) }
    }

    /// The place of one request in its input.
    public struct Turn: Sendable, Equatable {
        let input: OrderedInput
        let number: Int

        public static func == (one: Turn, other: Turn) -> Bool {
            one.number == other.number && one.input === other.input
        }

        /// Waits until all turns before this one have passed.
        /// - Throws: `CancellationError` when the input is stopped.
        func begin() async throws { try await input.begin(number) }

        /// Waits until all turns before this one have passed and their writes have been answered.
        /// - Throws: `CancellationError` when the input is stopped.
        func beginRead() async throws {
            try await input.begin(number)
            try await input.waitForWrites()
        }

        /// How long the request, a read whose turn it is, may be tried again and again.
        /// - Parameter now: Where this is the first time.
        func readEnd(from now: Instant) -> Instant {
            input.noteRead(number, at: now)
            return patienceEnd(from: now)
        }

        /// The request's write is in the queue: the next turn may begin.
        func enterWrite() { input.enterWrite(number) }

        /// The request's write has its outcome.
        func leaveWrite() { input.leaveWrite() }

        /// Until when a request that failed for a passing reason is tried again: a write from now, and a read from when its
        /// turn came.
        public func patienceEnd(from now: Instant) -> Instant { (input.readSince(number) ?? now) + input.patience }

        /// Ends the turn of a request that has its final answer; does nothing where it has passed already.
        /// - Throws: `CancellationError` when the input is stopped.
        public func end() async throws {
            if try input.hasPassed(number) { return }
            try await input.begin(number)
            input.state.withLock { $0.pass(number) }.forEach { $0.resume() }
        }
    }

    /// Whether the turn is over already, as that of a write that has its outcome is.
    private func hasPassed(_ number: Int) throws -> Bool {
        try state.withLock { state in
            if state.isStopped { throw CancellationError() }
            return state.next > number
        }
    }

    private func begin(_ number: Int) async throws {
        let isReady = try state.withLock { state in
            if state.isStopped { throw CancellationError() }
            return state.next >= number
        }
        if isReady { return }
        try await withUnsafeThrowingContinuation { (waiter: UnsafeContinuation<Void, any Error>) in
            let result: Result<Void, any Error>? = state.withLock { state in
                if state.isStopped { return .failure(CancellationError()) }
                if state.next >= number { return .success(()) }
                state.waiters[number, default: []].append(waiter)
                return nil
            }
            if let result { waiter.resume(with: result) }
        }
    }

    private func readSince(_ number: Int) -> Instant? {
        state.withLock { $0.read?.number == number ? $0.read?.since : nil }
    }

    private func noteRead(_ number: Int, at now: Instant) {
        state.withLock { if $0.read?.number != number { $0.read = (number, now) } }
    }

    private func waitForWrites() async throws {
        try await withUnsafeThrowingContinuation { (waiter: UnsafeContinuation<Void, any Error>) in
            let result: Result<Void, any Error>? = state.withLock { state in
                if state.isStopped { return .failure(CancellationError()) }
                if state.openWrites == 0 { return .success(()) }
                state.readers.append(waiter)
                return nil
            }
            if let result { waiter.resume(with: result) }
        }
    }

    private func enterWrite(_ number: Int) {
        state.withLock { state in
            state.openWrites += 1
            return state.pass(number)
        }.forEach { $0.resume() }
    }

    private func leaveWrite() {
        state.withLock { state -> [UnsafeContinuation<Void, any Error>] in
            state.openWrites -= 1
            guard state.openWrites == 0 else { return [] }
            defer { state.readers = [] }
            return state.readers
        }.forEach { $0.resume() }
    }
}
