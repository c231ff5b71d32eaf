import BlockingThreads
import OrderKernel
import Synchronization

/// Runs tasks one after another on the thread that calls ``run(whenIdle:)``, in the order they become ready.
///
/// So the workers that wait for one batch go on in the order of their lines, without contending for a lock.
final class LineExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isAsleep = false
        var isClosed = false

        /// Whether the thread must be woken.
        mutating func add(_ job: UnownedJob) -> Bool {
            jobs.append(job)
            defer { isAsleep = false }
            return isAsleep
        }

        mutating func take(_ batch: inout [UnownedJob]) -> Step {
            swap(&jobs, &batch)
            if !batch.isEmpty { return .work }
            if isClosed { return .end }
            isAsleep = true
            return .sleep
        }
    }

    private enum Step { case work, sleep, end }

    private let state = Mutex(State())  // protects the jobs that are ready, and whether the thread sleeps
    private let wakeUp: WakeUp

    init() throws {
        wakeUp = try WakeUp()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if state.withLock({ $0.add(job) }) { wakeUp.wake() }
    }

    /// Runs tasks until ``finish()``.
    /// - Parameter whenIdle: Called whenever no task is ready.
    func run(whenIdle: () -> Void) {
        var batch: [UnownedJob] = []
        while true {
            batch.removeAll(keepingCapacity: true)
            switch state.withLock({ $0.take(&batch) }) {
            case .work: for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
            case .sleep:
                whenIdle()
                wakeUp.wait()
            case .end: return
            }
        }
    }

    /// Ends ``run(whenIdle:)`` once nothing is ready. No task may use the executor afterwards.
    func finish() {
        state.withLock {
            $0.isClosed = true
            $0.isAsleep = false
        }
        wakeUp.wake()
    }

    func close() {
        wakeUp.close()
    }
}
