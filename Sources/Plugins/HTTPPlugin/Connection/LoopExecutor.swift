internal import NIOCore
internal import Synchronization

/// Runs tasks on an event loop, those that became ready together in one turn, and flushes channels at its end.
///
/// A turn runs what was ready when it began and no more, so that the loop gets back to its sockets. Flushing once a
/// turn lets the answers to pipelined requests leave together.
final class LoopExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var unflushed: [any Channel] = []
        var isScheduled = false
        var isRunning = false

        /// Returns whether a turn has to be asked for.
        mutating func schedule() -> Bool {
            defer { isScheduled = true }
            return !isScheduled
        }

        mutating func beginTurn() -> [UnownedJob] {
            isScheduled = false
            isRunning = true
            defer { jobs = [] }
            return jobs
        }

        mutating func endTurn() -> [any Channel] {
            isRunning = false
            defer { unflushed = [] }
            return unflushed
        }
    }

    private let loop: any EventLoop
    private let state = Mutex(State())  // protects what the next turn has to do

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = state.withLock { state in
            state.jobs.append(job)
            return state.schedule()
        }
        if isFirst { loop.execute(turn) }
    }

    /// Flushes a channel at the end of the turn.
    func flush(_ channel: any Channel) {
        let isFirst = state.withLock { state in
            state.unflushed.append(channel)
            return state.isRunning ? false : state.schedule()
        }
        if isFirst { loop.execute(turn) }
    }

    private func turn() {
        for job in state.withLock({ $0.beginTurn() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        for channel in state.withLock({ $0.endTurn() }) {
            channel.flush()
        }
    }
}
