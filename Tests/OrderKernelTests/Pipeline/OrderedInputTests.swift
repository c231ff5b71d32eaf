import Synchronization
import Testing

@testable import OrderKernel

@Suite("Ordered input", .timeLimit(.minutes(5)))
struct OrderedInputTests {
    /// What happened, in order.
    private final class Journal: Sendable {
        private let entries = Mutex<[Int]>([])  // protects what was written so far

        func write(_ entry: Int) { entries.withLock { $0.append(entry) } }

        var all: [Int] { entries.withLock { $0 } }
    }

    @Test("turns pass in order, whoever comes first")
    func order() async throws {
        let input = OrderedInput(patience: .seconds(1))
        let journal = Journal()
        try await withThrowingTaskGroup { tasks in
            for number in (0..<100).reversed() {
                tasks.addTask {
                    try await input.turn(number).begin()
                    journal.write(number)
                    try await input.turn(number).end()
                }
            }
            try await tasks.waitForAll()
        }
        #expect(journal.all == Array(0..<100))
    }

    @Test("a write passes its turn when it enters the queue, before it has its outcome")
    func writesOverlap() async throws {
        let input = OrderedInput(patience: .seconds(1))
        let journal = Journal()
        try await withThrowingTaskGroup { tasks in
            for number in 1...2 {
                tasks.addTask {
                    try await input.turn(number).begin()
                    journal.write(number)
                    input.turn(number).enterWrite()
                }
            }
            for _ in 0..<100 { await Task.yield() }
            try await input.turn(0).begin()
            journal.write(0)
            input.turn(0).enterWrite()
            try await tasks.waitForAll()
        }
        try await input.turn(3).begin()
        journal.write(-1)
        for number in 0...2 {
            input.turn(number).leaveWrite()
            try await input.turn(number).end()
        }
        #expect(journal.all == [0, 1, 2, -1])
    }

    @Test("a read waits for every write before it, and holds up every write behind it")
    func reads() async throws {
        let input = OrderedInput(patience: .seconds(1))
        let journal = Journal()
        input.turn(0).enterWrite()
        input.turn(1).enterWrite()
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                try await input.turn(2).beginRead()
                journal.write(2)
                try await input.turn(2).end()
            }
            tasks.addTask {
                try await input.turn(3).begin()
                journal.write(3)
            }
            for _ in 0..<100 { await Task.yield() }
            input.turn(1).leaveWrite()
            for _ in 0..<100 { await Task.yield() }
            journal.write(-1)
            input.turn(0).leaveWrite()
            try await tasks.waitForAll()
        }
        #expect(journal.all == [-1, 2, 3])
    }

    @Test("reads that share their turns go on together, behind every write before them and before every one behind")
    func sharedReads() async throws {
        let input = OrderedInput(patience: .seconds(1))
        let journal = Journal()
        input.turn(0).enterWrite()
        try await withThrowingTaskGroup { tasks in
            for number in [3, 1, 2] {
                tasks.addTask {
                    try await input.turn(number).beginSharedRead()
                    journal.write(number)
                }
            }
            tasks.addTask {
                try await input.turn(4).begin()
                journal.write(4)
            }
            for _ in 0..<100 { await Task.yield() }
            #expect(journal.all.isEmpty)
            input.turn(0).leaveWrite()
            for _ in 0..<3 { try await tasks.next() }
            #expect(journal.all.sorted() == [1, 2, 3])
            for number in [2, 1, 3] {
                for _ in 0..<100 { await Task.yield() }
                #expect(journal.all.count == 3)
                try await input.turn(number).end()
            }
            try await tasks.waitForAll()
        }
        #expect(journal.all.last == 4)
        input.turn(4).enterWrite()
        input.turn(4).leaveWrite()
        try await input.turn(5).beginSharedRead()
    }

    @Test("no more reads share their turns than storage can be kept busy with, and those behind them go on in order")
    func manySharedReads() async throws {
        let input = OrderedInput(patience: .seconds(1))
        let most = OrderedInputState.mostReads
        for number in 0..<most { try await input.turn(number).beginSharedRead() }
        let journal = Journal()
        try await withThrowingTaskGroup { tasks in
            for number in [most + 1, most] {
                tasks.addTask {
                    try await input.turn(number).beginSharedRead()
                    journal.write(number)
                }
            }
            tasks.addTask {
                try await input.turn(most + 2).beginRead()
                journal.write(most + 2)
            }
            for _ in 0..<100 { await Task.yield() }
            #expect(journal.all.isEmpty)
            try await input.turn(most / 2).end()
            try await tasks.next()
            #expect(journal.all == [most])
            try await input.turn(most / 2 - 1).end()
            try await tasks.next()
            #expect(journal.all == [most, most + 1])
            for number in 0..<most + 2 where !(most / 2 - 1...most / 2).contains(number) {
                try await input.turn(number).end()
            }
            try await tasks.waitForAll()
        }
        #expect(journal.all == [most, most + 1, most + 2])
    }

    @Test("a turn that is ended twice, or a write that enters twice, passes once")
    func twice() async throws {
        let input = OrderedInput(patience: .seconds(1))
        input.turn(0).enterWrite()
        input.turn(0).leaveWrite()
        input.turn(0).enterWrite()
        input.turn(0).leaveWrite()
        try await input.turn(0).end()
        try await input.turn(0).end()
        try await input.turn(1).beginRead()
        let journal = Journal()
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                try await input.turn(2).begin()
                journal.write(2)
            }
            for _ in 0..<100 { await Task.yield() }
            journal.write(1)
            try await input.turn(1).end()
            try await tasks.waitForAll()
        }
        #expect(journal.all == [1, 2])
    }

    @Test("a request that is run twice at once waits twice for its turn")
    func twiceAtOnce() async throws {
        let input = OrderedInput(patience: .seconds(1))
        let journal = Journal()
        try await withThrowingTaskGroup { tasks in
            for _ in 0..<2 {
                tasks.addTask {
                    try await input.turn(1).begin()
                    journal.write(1)
                }
                tasks.addTask {
                    try await input.turn(1).beginRead()
                    journal.write(2)
                }
            }
            for _ in 0..<100 { await Task.yield() }
            journal.write(-1)
            input.turn(0).enterWrite()
            for _ in 0..<100 { await Task.yield() }
            journal.write(-2)
            input.turn(0).leaveWrite()
            try await tasks.waitForAll()
        }
        #expect(journal.all.first == -1)
        #expect(journal.all.filter { $0 != 1 } == [-1, -2, 2, 2])
        #expect(journal.all.count { $0 == 1 } == 2)
    }

    @Test("stopping lets nobody in, neither those who wait nor those who come")
    func stopping() async throws {
        let input = OrderedInput(patience: .seconds(1))
        input.turn(0).enterWrite()
        await withTaskGroup { tasks in
            tasks.addTask { await #expect(throws: CancellationError.self) { try await input.turn(1).beginRead() } }
            tasks.addTask { await #expect(throws: CancellationError.self) { try await input.turn(2).begin() } }
            tasks.addTask { await #expect(throws: CancellationError.self) { try await input.turn(3).end() } }
            tasks.addTask {
                await #expect(throws: CancellationError.self) { try await input.turn(4).beginSharedRead() }
            }
            for _ in 0..<100 { await Task.yield() }
            input.stop()
        }
        #expect(input.isStopped)
        await #expect(throws: CancellationError.self) { try await input.turn(0).begin() }
        input.turn(0).leaveWrite()
    }
}
