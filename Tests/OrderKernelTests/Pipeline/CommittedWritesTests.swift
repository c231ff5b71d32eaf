import Dispatch
import Synchronization
import Testing

@testable import OrderKernel

/// Has the threads of Dispatch do what it is given, and counts it.
private final class ForwardingExecutor: TaskExecutor {
    private let count = Atomic(0)

    var jobs: Int { count.load(ordering: .relaxed) }

    func enqueue(_ job: consuming ExecutorJob) {
        count.wrappingAdd(1, ordering: .relaxed)
        let job = UnownedJob(job)
        DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// A storage that commits at once, and whose flushes wait until the test lets them go on.
private final class FlushedStorage: StoragePlugin, StorageFlusher {
    static let name = "flushed"
    static let summary = "Makes durable when a test says."

    let batches = Mutex<[[Write]]>([])  // protects what was committed
    let commits = AsyncStream.makeStream(of: Void.self)
    let flushes = AsyncStream.makeStream(of: Int.self)
    let permits = AsyncStream.makeStream(of: StorageError?.self)

    init(_ configuration: NoSettings, context: PluginContext) {}
    init() {}

    let executors = (commit: ForwardingExecutor(), flush: ForwardingExecutor())
    let strays = Atomic(0)  // calls on other executors

    var flusher: (any StorageFlusher)? { self }
    var commitExecutor: (any TaskExecutor)? { executors.commit }
    var flushExecutor: (any TaskExecutor)? { executors.flush }

    private func note(_ expected: ForwardingExecutor) {
        let actual = withUnsafeCurrentTask { $0?.unownedTaskExecutor }
        if actual != expected.asUnownedTaskExecutor() { strays.wrappingAdd(1, ordering: .relaxed) }
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        note(executors.commit)
        batches.withLock { $0.append(batch.writes) }
        commits.continuation.yield()
        return batch.effects(on: CurrentRows(), nextID: 1).outcomes
    }
    /// Says how many batches it makes durable, then waits.
    func flush() async throws(StorageError) {
        note(executors.flush)
        flushes.continuation.yield(batches.withLock { $0.count })
        for await error in permits.stream {
            if let error { throw error }
            return
        }
    }
    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? { nil }
    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] { [] }
}

private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .sequentiallyConsistent) }
    func raise() { state.store(true, ordering: .sequentiallyConsistent) }
}

@Suite("Committed writes", .timeLimit(.minutes(5)))
struct CommittedWritesTests {
    private let storage = FlushedStorage()
    private let far = Instant.now + .seconds(600)

    private func write(_ quantity: Int) -> Write {
        .create(OrderDraft(customerID: "c", woodType: "oak", quantity: quantity), key: nil)
    }

    private func running(_ body: @escaping @Sendable (CommitQueue) async throws -> Void) async throws {
        let queue = CommitQueue(rules: .standard, time: SystemTime())
        let storage = storage
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { await queue.run(storage: storage) }
            try await body(queue)
            queue.close()
            try await tasks.waitForAll()
        }
    }

    private func committed() async {
        for await _ in storage.commits.stream { break }
    }

    /// Waits for the next flush, and says how many batches had been committed when it began.
    private func flushing() async -> Int? {
        for await count in storage.flushes.stream { return count }
        return nil
    }

    private func letFlush(_ error: StorageError? = nil) {
        storage.permits.continuation.yield(error)
    }

    @Test("batches are committed while one is made durable, and share the next flush")
    func sideBySide() async throws {
        try await running { queue in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await committed()
            #expect(await flushing() == 1)
            async let second = queue.commit(write(2), deadline: far, turn: nil)
            await committed()
            async let third = queue.commit(write(3), deadline: far, turn: nil)
            await committed()
            letFlush()
            _ = try await first
            #expect(await flushing() == 3)
            letFlush()
            _ = try await (second, third)
        }
    }

    @Test("commits and flushes are called where the storage has them called")
    func executors() async throws {
        try await running { queue in
            for quantity in 1...3 {
                async let outcome = queue.commit(write(quantity), deadline: far, turn: nil)
                await committed()
                _ = await flushing()
                letFlush()
                _ = try await outcome
            }
        }
        #expect(storage.strays.load(ordering: .relaxed) == 0)
        #expect(storage.executors.commit.jobs >= 3)
        #expect(storage.executors.flush.jobs >= 3)
    }

    @Test("no write is answered before it is durable")
    func answers() async throws {
        let answered = Flag()
        try await running { queue in
            async let first: Void = {
                _ = try await queue.commit(write(1), deadline: far, turn: nil)
                answered.raise()
            }()
            await committed()
            _ = await flushing()
            for _ in 0..<50 { await Task.yield() }
            #expect(!answered.isRaised)
            letFlush()
            try await first
        }
    }

    @Test("when a flush fails the fate of its writes is unknown, and nothing behind them is stored")
    func failedFlush() async throws {
        let input = OrderedInput()
        try await running { [storage] queue in
            let first = Task { try await queue.commit(write(1), deadline: far, turn: input.turn(0)) }
            await committed()
            _ = await flushing()
            letFlush(StorageError(.unavailable, code: "io_error", detail: ""))
            let error = await #expect(throws: StorageError.self) { try await first.value }
            #expect(error?.kind == .outcomeUnknown)
            #expect(error?.code == "io_error")
            await #expect(throws: CancellationError.self) {
                try await queue.commit(write(2), deadline: far, turn: input.turn(1))
            }
            #expect(storage.batches.withLock { $0.count } == 1)
        }
    }
}
