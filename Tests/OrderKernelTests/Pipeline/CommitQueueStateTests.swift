import Synchronization
import Testing

@testable import OrderKernel

@Suite("Batches of the commit queue", .timeLimit(.minutes(5)))
final class CommitQueueStateTests: Sendable {
    private let state = Mutex(CommitQueueState(limits: .standard))  // protects what the queue knows
    private let start = Instant.now

    /// Runs the body with as many writes in the queue; all that is taken or left fails at its end.
    /// - Parameters:
    ///   - deadline: Of each, in seconds from now.
    ///   - turn: Of each, in its ordered input.
    private func withWrites(
        _ count: Int, deadline: @escaping @Sendable (Int) -> Double = { _ in 600 },
        turn: @escaping @Sendable (Int) -> OrderedInput.Turn? = { _ in nil }, _ body: () async -> [WaitingWrite]
    ) async {
        await withTaskGroup { tasks in
            for ticket in 0..<count {
                tasks.addTask {
                    _ = try? await withUnsafeThrowingContinuation { continuation in
                        let write = WaitingWrite(
                            ticket: ticket, write: .update(1, OrderChange(status: .ready)),
                            deadline: self.start + .seconds(deadline(ticket)), turn: turn(ticket), wait: nil,
                            continuation: continuation)
                        _ = self.state.withLock { $0.enter(write) }
                    }
                }
                while state.withLock({ $0.count }) <= ticket { await Task.yield() }
            }
            await body().forEach { $0.fail(CancellationError()) }
            _ = state.withLock { $0.beginFlush(at: start) }
            state.withLock { $0.look(at: start + .seconds(10_000)).dropped }.forEach { $0.write.fail($0.error) }
        }
    }

    private func take() -> [WaitingWrite] { state.withLock { $0.take(at: start).batch } }

    @Test("a batch has half of the writes that are under way")
    func half() async {
        await withWrites(7) {
            let batches = [take(), take(), take(), take()]
            #expect(batches.map(\.count) == [4, 3, 0, 0])
            return batches.flatMap(\.self)
        }
    }

    @Test("while a batch awaits its flush, a smaller one waits until that begins")
    func awaitsFlush() async {
        await withWrites(7) {
            let first = take()
            _ = state.withLock { $0.settle(awaitsFlush: true, at: .now) }
            #expect(take().isEmpty)
            #expect(!state.withLock { $0.take(at: .now).isLast })
            _ = state.withLock { $0.beginFlush(at: start) }
            let second = take()
            #expect((first.count, second.count) == (4, 3))
            return first + second
        }
    }

    @Test("while a batch awaits its flush, one that is as large is taken")
    func large() async {
        await withWrites(8) {
            let first = take()
            _ = state.withLock { $0.settle(awaitsFlush: true, at: .now) }
            let second = take()
            #expect((first.count, second.count) == (4, 4))
            return first + second
        }
    }

    @Test("a write that is postponed for long is given up at its deadline, and says what it waited for")
    func postponed() async {
        await withWrites(2) {
            let batch = take()
            let (refused, _) = state.withLock { $0.settle(batch, awaitsFlush: false, at: .now) }
            #expect(refused.isEmpty && state.withLock { $0.count } == 2)
            let dropped = state.withLock { $0.look(at: .now + .seconds(601)).dropped }
            let late = dropped.filter { $0.error as? OrderError == WaitingWrite.lateWhilePostponed }
            #expect(late.map(\.write.ticket) == batch.map(\.ticket))
            #expect(dropped.filter { $0.error as? OrderError == .deadlineExceeded }.count == 1)
            return dropped.map(\.write)
        }
    }

    @Test("a batch ends with the last of its requests while storage takes what it is given")
    func end() async {
        await withWrites(3, deadline: { Double($0) + 600 }) {
            let take = state.withLock { $0.take(at: start) }
            #expect(take.batch.map(\.ticket) == [0, 1])
            #expect(take.deadline == start + .seconds(601) - .milliseconds(25))
            return take.batch + self.take()
        }
    }

    @Test("where storage fails, a batch ends with the first of its requests, without those that would lose much by it")
    func troubledEnd() async {
        await withWrites(6, deadline: { [600, 600, 600, 400, 410, 900][$0] }) {
            let failed = fail(take())
            let take = state.withLock { $0.take(at: start) }
            #expect(take.batch.map(\.ticket) == [3, 4])
            #expect(take.deadline == start + .seconds(400) - .milliseconds(25))
            return failed + take.batch + self.take()
        }
    }

    @Test("what is too much at once is handed over in smaller batches, which grow again slowly")
    func tooMuch() async {
        let error = StorageError(.tooMuch, code: "slow", detail: "out of time")
        await withWrites(64) {
            let first = take()
            #expect(state.withLock { $0.putBack(first, after: error, at: start) }.dropped.isEmpty)
            let second = take()
            #expect(second.map(\.ticket) == Array(0..<16))
            _ = state.withLock { $0.settle(awaitsFlush: false, at: start) }
            let third = take()
            #expect(third.map(\.ticket) == Array(16..<35))
            return second + third
        }
        await withWrites(1) {
            let alone = take()
            #expect(state.withLock { $0.putBack(alone, after: error, at: start) }.dropped.count == 1)
            return alone
        }
    }

    @Test("an input has as much patience with batches that are too much as with any trouble")
    func tooMuchForLong() async {
        let error = StorageError(.tooMuch, code: "slow", detail: "out of time")
        let input = OrderedInput(patience: .seconds(60))
        await withWrites(64, turn: { input.turn($0) }) {
            for _ in 0..<2 {
                let batch = take()
                #expect(state.withLock { $0.putBack(batch, after: error, at: start + .seconds(50)) }.dropped.isEmpty)
            }
            #expect(state.withLock { $0.look(at: start + .seconds(59)).dropped.isEmpty })
            let dropped = state.withLock { $0.look(at: start + .seconds(61)).dropped }
            #expect(dropped.count == 64)
            #expect((dropped.first?.error as? StorageError)?.kind == .unavailable)
            return dropped.map(\.write)
        }
    }

    @Test("what was wrong when somebody last wrote is no trouble of who writes now")
    func oldTrouble() async {
        await withWrites(1) { fail(take()) }
        await withWrites(1) {
            let dropped = state.withLock { $0.look(at: start + .seconds(601)).dropped }
            #expect(dropped.map { $0.error as? OrderError } == [.deadlineExceeded])
            return dropped.map(\.write)
        }
    }

    @Test("where storage fails, requests and inputs share no batch")
    func inputs() async {
        let input = OrderedInput(patience: .seconds(6_000))
        await withWrites(6, turn: { $0 == 4 ? input.turn(0) : nil }) {
            let failed = fail(take())
            let batches = (0..<3).map { _ in take() }
            #expect(batches.map { $0.map(\.ticket) } == [[3], [4], [5]])
            return failed + batches.flatMap(\.self)
        }
    }

    @Test("a write that waits in vain while storage fails is told what it fails with")
    func troubledWait() async {
        await withWrites(4) {
            let failed = fail(take())
            let dropped = state.withLock { $0.look(at: start + .seconds(601)).dropped }
            let away = StorageError(.unavailable, code: "away", detail: "gone")
            #expect(dropped.map { $0.error as? StorageError } == [away, away])
            return failed + dropped.map(\.write)
        }
    }

    @Test("a write that is late behind a batch which storage is not done with is told that, and an input waits")
    func stalled() async {
        let input = OrderedInput(patience: .seconds(1))
        await withWrites(4, deadline: { $0 < 3 ? 8 : 600 }, turn: { $0 == 3 ? input.turn(0) : nil }) {
            let batch = take()
            #expect(batch.map(\.ticket) == [0, 1])
            #expect(state.withLock { $0.look(at: start + .seconds(7)).dropped.isEmpty })
            let dropped = state.withLock { $0.look(at: start + .seconds(8)).dropped }
            #expect(dropped.map(\.write.ticket) == [2])
            #expect(dropped.map { ($0.error as? StorageError)?.code } == ["stalled"])
            return batch + dropped.map(\.write) + take()
        }
        #expect(!input.isStopped)
    }

    @Test("a batch that takes very long is told once, to be flushed too, and so is that batches are committed again")
    func told() async {
        await withWrites(4) {
            func stalls(_ seconds: Int...) -> [Bool?] {
                seconds.map { second in state.withLock { $0.lookAtStall(at: start + .seconds(second)) } }
            }
            let first = take()
            #expect(stalls(9, 10, 20) == [nil, true, nil])
            let away = StorageError(.deadlineExceeded, code: "away", detail: "gone")
            _ = state.withLock { $0.putBack(first, after: away, at: start + .seconds(21)) }
            #expect(stalls(21, 60) == [nil, nil])
            let second = state.withLock { $0.take(at: start + .seconds(60)).batch }
            _ = state.withLock { $0.settle(awaitsFlush: true, at: start + .seconds(61)) }
            _ = state.withLock { $0.beginFlush(at: start + .seconds(61)) }
            #expect(stalls(61, 70, 71, 80) == [false, nil, true, nil])
            state.withLock { $0.endFlush() }
            #expect(stalls(90) == [nil])
            let third = state.withLock { $0.take(at: start + .seconds(91)).batch }
            _ = state.withLock { $0.settle(awaitsFlush: false, at: start + .seconds(92)) }
            #expect(stalls(92, 93) == [false, nil])
            return first + second + third
        }
    }

    @Test("cut while storage fails, what would be tried again is given up, and its input goes no further")
    func cut() async {
        let input = OrderedInput(patience: .seconds(6_000))
        await withWrites(4, turn: { $0 < 3 ? input.turn($0) : nil }) {
            let away = StorageError(.unavailable, code: "away", detail: "gone")
            let (isPatient, failed) = state.withLock { $0.putBack($0.take(at: start).batch, after: away, at: start) }
            #expect(isPatient && failed.isEmpty)
            let take = state.withLock { $0.take(at: start, isCut: true) }
            #expect(take.dropped.map(\.write.ticket) == [0, 1, 2])
            #expect(take.dropped.allSatisfy { $0.error is CancellationError })
            #expect(take.batch.map(\.ticket) == [3])
            #expect(input.isStopped)
            return take.dropped.map(\.write) + take.batch
        }
    }

    @Test("the worker is woken to end when the last write that waits is given up after the close")
    func closed() async {
        await withWrites(3) {
            let batch = take()
            _ = state.withLock { $0.settle(awaitsFlush: true, at: start) }
            state.withLock { $0.close() }.wake()
            let isParked = Latch()
            let worker = Task {
                await withUnsafeContinuation { worker in
                    #expect(state.withLock { $0.park(worker: worker) } == .parked)
                    isParked.open()
                }
            }
            try? await isParked.wait()
            let (dropped, wake) = state.withLock { $0.look(at: start + .seconds(10_000)) }
            wake.wake()
            await worker.value
            #expect(batch.count == 2 && dropped.count == 1)
            return batch + dropped.map(\.write)
        }
    }

    @Test("a write that is cancelled while its batch is committed fails where that stores nothing")
    func cancelledMeanwhile() async {
        await withWrites(4) {
            let batch = take()
            #expect(batch.count == 2 && state.withLock { $0.remove(batch[0].ticket) }.write == nil)
            let error = StorageError(.failed, code: "sqlite", detail: "no")
            let dropped = state.withLock { $0.putBack(batch, after: error, at: start) }.dropped
            #expect(dropped.map(\.write.ticket) == [batch[0].ticket] && dropped.first?.error is CancellationError)
            #expect(state.withLock { $0.count } == 3)
            return dropped.map(\.write)
        }
    }

    private func fail(_ batch: [WaitingWrite]) -> [WaitingWrite] {
        let error = StorageError(.outcomeUnknown, code: "away", detail: "gone")
        return state.withLock { $0.putBack(batch, after: error, at: start).dropped.map(\.write) }
    }
}
