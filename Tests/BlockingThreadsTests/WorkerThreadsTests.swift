import BlockingThreads
import Dispatch
import Glibc
import Synchronization
import Testing

@Suite("Worker threads", .timeLimit(.minutes(5)))
struct WorkerThreadsTests {
    /// The thread that asks.
    private static var thread: UInt { UInt(pthread_self()) }

    @Test("a task that prefers the threads has them do its work there and then")
    func inPlace() async throws {
        let threads = try WorkerThreads(1, limit: 0)
        let (ofTask, ofWork) = await withTaskExecutorPreference(threads) {
            let ofTask = Self.thread
            return (ofTask, await threads.run { Self.thread })  // there is no room for anything that waits
        }
        #expect(ofWork == ofTask)
        #expect(ofTask != Self.thread)
        await threads.close()
    }

    @Test("a task that prefers the threads lets other work have its turn")
    func turns() async throws {
        let threads = try WorkerThreads(1, limit: 1)
        let order = Mutex<[String]>([])
        await withTaskExecutorPreference(threads) {
            #expect(threads.submit { order.withLock { $0.append("other") } })
            await threads.run { order.withLock { $0.append("task") } }
        }
        #expect(order.withLock { $0 } == ["other", "task"])
        await threads.close()
    }

    @Test("a task that prefers other threads waits for its work, and goes on there")
    func elsewhere() async throws {
        let (threads, others) = (try WorkerThreads(1, limit: 8), try WorkerThreads(1, limit: 8))
        let (before, ofWork, after) = await withTaskExecutorPreference(others) {
            (Self.thread, await threads.run { Self.thread }, Self.thread)
        }
        #expect(before == after)
        #expect(ofWork != nil && ofWork != before)
        await threads.close()
        await others.close()
    }

    @Test("work beyond the limit is refused, and tasks are not")
    func limit() async throws {
        let threads = try WorkerThreads(1, limit: 1)
        let (isBusy, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        #expect(
            threads.submit {
                isBusy.signal()
                mayGoOn.wait()
            })
        isBusy.wait()
        #expect(threads.submit {})
        #expect(!threads.submit {})
        let tasks = (0..<3).map { number in
            Task(executorPreference: threads) { number }
        }
        while threads.waiting < 4 { await Task.yield() }
        mayGoOn.signal()
        for (number, task) in tasks.enumerated() { #expect(await task.value == number) }
        await threads.close()
    }

    @Test("what was taken is done before the threads end, and tasks go on elsewhere afterwards")
    func end() async throws {
        let threads = try WorkerThreads(2, limit: 100)
        let done = Atomic(0)
        for _ in 0..<100 where threads.submit({ done.wrappingAdd(1, ordering: .relaxed) }) {}
        await threads.close()
        #expect(done.load(ordering: .relaxed) == 100)
        #expect(!threads.submit {})
        let answer = await withTaskExecutorPreference(threads) { await threads.run { true } }
        #expect(answer == nil)
        #expect(await threads.run { true } == nil)
    }
}
