internal import Synchronization

/// One input whose requests take effect as if run one after another, though many of them are under way at once.
///
/// Every request has a turn, numbered from 0. A write enters the commit queue when all turns before it have passed, and
/// passes its own at once; a read also waits for the writes before it, and passes its turn when it is done. Reads that
/// share their turns pass them as they begin, and no write enters until they are done.
public final class OrderedInput: Sendable {
    private let state = Mutex(OrderedInputState())  // protects whose turn it is, and who waits for theirs
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
        public func beginRead() async throws {
            try await input.begin(number)
            try await input.wait { $0.openWrites == 0 ? nil : .writes }
        }

        /// Waits until all turns before this one have passed, those of reads before they are done, and their writes
        /// have been answered. For a request that does nothing else than read, and is ended.
        /// - Throws: `CancellationError` when the input is stopped.
        public func beginSharedRead() async throws {
            try await input.wait { $0.beginSharedRead(number) }
            input.change { $0.admit() }
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

        /// Until when a request that failed for a passing reason is tried again: a write from now, and a read from when
        /// its turn came.
        public func patienceEnd(from now: Instant) -> Instant { (input.readSince(number) ?? now) + input.patience }

        /// Ends the turn of a request that has its final answer; does nothing where it has passed already.
        /// - Throws: `CancellationError` when the input is stopped.
        public func end() async throws {
            if try input.endPassed(number) { return }
            try await input.begin(number)
            input.change { $0.pass(number) }
        }
    }

    /// Ends a turn that is over already, as that of a write that has its outcome is, or that of a shared read; `false`
    /// where it is not.
    private func endPassed(_ number: Int) throws -> Bool {
        let (hasPassed, admitted) = try state.withLock { state in
            if state.isStopped { throw CancellationError() }
            return (state.next > number, state.endSharedRead(number))
        }
        admitted.forEach { $0.resume() }
        return hasPassed
    }

    private func begin(_ number: Int) async throws {
        try await wait { $0.hasCome(number) ? nil : .turn(number) }
    }

    private func readSince(_ number: Int) -> Instant? {
        state.withLock { $0.reads[number] }
    }

    private func noteRead(_ number: Int, at now: Instant) {
        state.withLock { if $0.reads[number] == nil { $0.reads[number] = now } }
    }

    private func enterWrite(_ number: Int) {
        change { $0.enterWrite(number) }
    }

    private func leaveWrite() {
        change { $0.leaveWrite() }
    }

    private func change(_ body: (inout OrderedInputState) -> [OrderedInputState.Waiter]) {
        state.withLock { body(&$0) }.forEach { $0.resume() }
    }

    /// - Parameter look: Says what is to be waited for; `nil` where nothing is.
    /// - Throws: `CancellationError` when the input is stopped.
    private func wait(for look: @Sendable (inout OrderedInputState) -> OrderedInputState.Wish?) async throws {
        let isThere = try state.withLock { state in
            if state.isStopped { throw CancellationError() }
            return look(&state) == nil
        }
        if isThere { return }
        try await withUnsafeThrowingContinuation { (waiter: OrderedInputState.Waiter) in
            let result: Result<Void, any Error>? = state.withLock { state in
                if state.isStopped { return .failure(CancellationError()) }
                guard let wish = look(&state) else { return .success(()) }
                state.park(waiter, for: wish)
                return nil
            }
            if let result { waiter.resume(with: result) }
        }
    }
}
