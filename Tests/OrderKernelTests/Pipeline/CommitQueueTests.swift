import Testing

@testable import OrderKernel

@Suite("The commit queue", .timeLimit(.minutes(5)))
struct CommitQueueTests {
    let storage = SteeredStorage()
    let far = Instant.now + .seconds(600)

    func write(_ quantity: Int) -> Write {
        .create(OrderDraft(customerID: "c", woodType: "oak", quantity: quantity), key: nil)
    }

    func update(_ id: Order.ID) -> Write { .update(id, OrderChange(status: .ready)) }

    func quantities(_ batch: [Write]) -> [Int] {
        batch.compactMap { if case .create(let draft, _) = $0 { draft.quantity } else { nil } }
    }

    /// Runs the queue around a body, and lets every commit that is still to come go on afterwards.
    func running<Result: Sendable>(
        limits: CommitQueueState.Limits = .standard, _ body: @escaping @Sendable (CommitQueue) async throws -> Result
    ) async throws -> Result {
        let queue = CommitQueue(limits: limits, rules: .standard, time: SystemTime())
        let storage = storage
        return try await withThrowingTaskGroup(of: Result?.self) { tasks in
            tasks.addTask {
                await queue.run(storage: storage)
                return nil
            }
            let result: Result
            do {
                defer { queue.close() }
                result = try await body(queue)
            }
            try await tasks.waitForAll()
            return result
        }
    }

    func firstBatch() async { for await _ in storage.arrivals.stream { break } }

    @Test("writes that arrive during a commit gather into the next one")
    func gathers() async throws {
        try await running { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await firstBatch()
            async let second = queue.commit(write(2), deadline: far, turn: nil)
            async let third = queue.commit(write(3), deadline: far, turn: nil)
            while queue.waitingWrites < 2 { await Task.yield() }
            storage.answer()
            await firstBatch()
            storage.answer()
            _ = try await (first, second, third)
        }
        #expect(storage.batches.map { quantities($0).sorted() } == [[1], [2, 3]])
    }

    @Test("a full queue refuses what can be refused")
    func full() async throws {
        let limits = CommitQueueState.Limits(writes: 1, bytes: 1 << 20, batch: 10, postponed: 10)
        try await running(limits: limits) { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await firstBatch()
            async let second = queue.commit(write(2), deadline: far, turn: nil)
            while queue.waitingWrites < 1 { await Task.yield() }
            await #expect(throws: OrderError.overloaded) {
                try await queue.commit(write(3), deadline: far, turn: nil)
            }
            storage.answer()
            await firstBatch()
            storage.answer()
            _ = try await (first, second)
        }
        #expect(storage.batches.map(quantities) == [[1], [2]])
    }

    @Test("the writes of an input take no room from others")
    func fullOfPatience() async throws {
        let limits = CommitQueueState.Limits(writes: 1, bytes: 1 << 20, batch: 10, postponed: 10)
        let input = OrderedInput()
        try await running(limits: limits) { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: input.turn(0))
            await firstBatch()
            async let second = queue.commit(write(2), deadline: far, turn: input.turn(1))
            async let third = queue.commit(write(3), deadline: far, turn: input.turn(2))
            while queue.waitingWrites < 2 { await Task.yield() }
            async let other = queue.commit(write(4), deadline: far, turn: nil)
            while queue.waitingWrites < 3 { await Task.yield() }
            for _ in 1...4 { storage.answer() }
            let outcomes = try await [first, second, third, other]
            #expect(outcomes.compactMap(\.createdID).count == 4)
        }
        #expect(storage.batches.flatMap(quantities).sorted() == [1, 2, 3, 4])
    }

    @Test("a write whose deadline passes while it waits is refused and never stored")
    func expires() async throws {
        try await running { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await firstBatch()
            let error = await #expect(throws: (any Error).self) {
                try await queue.commit(write(2), deadline: .now, turn: nil)
            }
            // On a machine that is busy enough, the batch before takes so long that this is told.
            let isStalled = (error as? StorageError)?.code == "stalled"
            #expect(isStalled || error as? OrderError == .deadlineExceeded)
            storage.answer()
            _ = try await first
        }
        #expect(storage.batches.map(quantities) == [[1]])
    }

    @Test("a write that is cancelled while it waits is never stored; one in a batch is answered")
    func cancelled() async throws {
        try await running { [storage] queue -> Void in
            let taken = Task { try await queue.commit(write(1), deadline: far, turn: nil) }
            await firstBatch()
            let waiting = Task { try await queue.commit(write(2), deadline: far, turn: nil) }
            while queue.waitingWrites < 1 { await Task.yield() }
            waiting.cancel()
            taken.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            storage.answer()
            _ = try await taken.value
        }
        #expect(storage.batches.map(quantities) == [[1]])
    }

    @Test("an input that is stopped gives up its writes that wait")
    func stoppedInput() async throws {
        let input = OrderedInput()
        try await running { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await firstBatch()
            let waiting = Task { try await queue.commit(write(2), deadline: far, turn: input.turn(0)) }
            while queue.waitingWrites < 1 { await Task.yield() }
            input.stop()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            storage.answer()
            _ = try await first
        }
        #expect(storage.batches.map(quantities) == [[1]])
    }

    @Test("patience counts from the beginning of a commit that fails")
    func patience() async throws {
        let input = OrderedInput(patience: .milliseconds(50))
        try await running { [storage] queue in
            let taken = Task { try await queue.commit(write(1), deadline: far, turn: input.turn(0)) }
            await firstBatch()
            try await Task.sleep(for: .milliseconds(60))
            for _ in 1...9 { storage.answer(StorageError(.unavailable, code: "away", detail: "")) }
            await #expect(throws: StorageError(.unavailable, code: "away", detail: "")) { try await taken.value }
        }
        #expect(storage.batches.count == 1)
    }

    @Test("a failed commit fails all of its writes, each with the storage's error")
    func failedCommit() async throws {
        let error = StorageError(.unavailable, code: "disk_full", detail: "")
        try await running { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await firstBatch()
            storage.answer(error)
            do {
                _ = try await first
                Issue.record("the failure was swallowed")
            } catch {
                #expect((error as? StorageError)?.code == "disk_full")
            }
        }
    }

    @Test("a write that storage fails on fails alone, and its neighbours are stored in order")
    func poison() async throws {
        let failure = StorageError(.failed, code: "corrupt", detail: "")
        try await running { [storage] queue in
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { _ = try await queue.commit(write(1), deadline: far, turn: nil) }
                await firstBatch()
                for (number, quantity) in [2, 13, 3].enumerated() {
                    tasks.addTask {
                        do {
                            _ = try await queue.commit(write(quantity), deadline: far, turn: nil)
                            #expect(quantity != 13)
                        } catch {
                            #expect(quantity == 13)
                            #expect(error as? StorageError == failure)
                        }
                    }
                    while queue.waitingWrites <= number { await Task.yield() }
                }
                for answer in [nil, failure, nil, failure, failure, nil] { storage.answer(answer) }
                try await tasks.waitForAll()
            }
        }
        #expect(storage.batches.map(quantities) == [[1], [2, 13], [2], [13, 3], [13], [3]])
    }

    @Test("patient writes go back to the head, in order, until storage takes them")
    func patient() async throws {
        let input = OrderedInput()
        try await running { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: input.turn(0))
            await firstBatch()
            async let second = queue.commit(write(2), deadline: far, turn: input.turn(1))
            while queue.waitingWrites < 1 { await Task.yield() }
            storage.answer(StorageError(.unavailable, code: "locked", detail: ""))
            await firstBatch()
            storage.answer()
            _ = try await (first, second)
        }
        #expect(storage.batches.map(quantities) == [[1], [1, 2]])
    }

    @Test("a write that storage postpones is tried again, and its neighbours are stored meanwhile")
    func postponed() async throws {
        storage.hold([7])
        try await running { [storage] queue in
            async let held = queue.commit(update(7), deadline: far, turn: nil)
            await firstBatch()
            storage.answer()
            let answering = Task { for await _ in storage.arrivals.stream { storage.answer() } }
            defer { answering.cancel() }
            for number in 1...3 {
                let neighbour = try await queue.commit(write(number), deadline: far, turn: nil)
                #expect(neighbour.createdID == 1)
            }
            while storage.batches.count(where: { $0.contains(update(7)) }) < 2 { await Task.yield() }
            storage.hold([])
            let outcome = try await held
            #expect(outcome == .refused(.unknownOrder(7)))
        }
    }

    @Test("what is behind a postponed write in its input is stored behind it, and other inputs go on")
    func postponedInput() async throws {
        storage.hold([7])
        let (input, other) = (OrderedInput(), OrderedInput())
        try await running { [storage] queue in
            async let first = queue.commit(write(1), deadline: far, turn: input.turn(0))
            await firstBatch()
            async let held = queue.commit(update(7), deadline: far, turn: input.turn(1))
            while queue.waitingWrites < 1 { await Task.yield() }
            async let second = queue.commit(write(2), deadline: far, turn: input.turn(2))
            while queue.waitingWrites < 2 { await Task.yield() }
            async let third = queue.commit(write(3), deadline: far, turn: input.turn(3))
            while queue.waitingWrites < 3 { await Task.yield() }
            async let neighbour = queue.commit(write(4), deadline: far, turn: other.turn(0))
            while queue.waitingWrites < 4 { await Task.yield() }
            for _ in 1...100 { storage.answer() }
            _ = try await (first, neighbour)
            async let last = queue.commit(write(5), deadline: far, turn: input.turn(4))
            while queue.waitingWrites < 4 { await Task.yield() }
            storage.hold([])
            _ = try await (held, second, third, last)
        }
        let writes = storage.batches.flatMap(\.self)
        let stored = [update(7), write(2), write(3), write(5)].compactMap(writes.lastIndex)
        #expect(stored.count == 4 && stored == stored.sorted(), "\(storage.batches)")
    }

    @Test("an input whose write is postponed is given up at the end of its patience")
    func postponedForLong() async throws {
        storage.hold([7])
        for _ in 1...1_000 { storage.answer() }
        try await running { queue in
            let input = OrderedInput(patience: .milliseconds(100))
            await #expect(throws: WaitingWrite.lateWhilePostponed) {
                try await queue.commit(update(7), deadline: far, turn: input.turn(0))
            }
            #expect(input.isStopped)
        }
    }

    @Test("more than a few writes do not wait for orders that are held, and make room for others")
    func manyPostponed() async throws {
        storage.hold([7])
        for _ in 1...1_000 { storage.answer() }
        let limits = CommitQueueState.Limits(writes: 100, bytes: 1 << 20, batch: 100, postponed: 2)
        try await running(limits: limits) { [storage] queue in
            let held = (1...2).map { _ in Task { try await queue.commit(update(7), deadline: far, turn: nil) } }
            while queue.waitingWrites < 2 { await Task.yield() }
            while storage.batches.count < 5 { try await Task.sleep(for: .milliseconds(5)) }
            let error = await #expect(throws: StorageError.self) {
                try await queue.commit(update(7), deadline: far, turn: nil)
            }
            #expect(error?.kind == .unavailable && error?.code == "locked")
            #expect(try await queue.commit(write(1), deadline: far, turn: nil).createdID == 1)
            storage.hold([])
            for task in held { #expect(try await task.value == .refused(.unknownOrder(7))) }
        }
    }

    @Test("what is postponed is given up when the queue is told to stop at once")
    func cutWhilePostponed() async throws {
        storage.hold([7])
        for _ in 1...1_000 { storage.answer() }
        let queue = CommitQueue(rules: .standard, time: SystemTime())
        let run = Task { await queue.run(storage: storage) }
        let held = Task { try await queue.commit(update(7), deadline: far, turn: nil) }
        while storage.batches.count < 3 { await Task.yield() }
        queue.close()
        run.cancel()
        await #expect(throws: CancellationError.self) { try await held.value }
        await run.value
    }

    @Test("when a patient write's fate is unknown, none behind it is stored")
    func unknownFate() async throws {
        let input = OrderedInput()
        try await running { [storage] queue in
            let first = Task { try await queue.commit(write(1), deadline: far, turn: input.turn(0)) }
            await firstBatch()
            let second = Task { try await queue.commit(write(2), deadline: far, turn: input.turn(1)) }
            while queue.waitingWrites < 1 { await Task.yield() }
            storage.answer(StorageError(.outcomeUnknown, code: "io", detail: ""))
            await #expect(throws: (any Error).self) { try await first.value }
            await #expect(throws: (any Error).self) { try await second.value }
        }
        #expect(storage.batches.map(quantities) == [[1]])
    }

    @Test("what waits when the queue is closed is still committed")
    func closing() async throws {
        let outcome = try await running { [storage] queue -> WriteOutcome in
            async let first = queue.commit(write(1), deadline: far, turn: nil)
            await firstBatch()
            async let second = queue.commit(write(2), deadline: far, turn: nil)
            while queue.waitingWrites < 1 { await Task.yield() }
            queue.close()
            storage.answer()
            await firstBatch()
            storage.answer()
            _ = try await first
            return try await second
        }
        if case .created = outcome { return }
        Issue.record("the write was lost: \(outcome)")
    }
}

extension WriteOutcome {
    /// Id of the order that was created; `nil` where none was.
    fileprivate var createdID: Order.ID? {
        if case .created(let order) = self { order.id } else { nil }
    }
}
