internal import Dispatch
public import OrderKernel
internal import Synchronization

/// Threads for work that blocks, so that it holds up no thread of the concurrency runtime.
///
/// What a task has them do that prefers them (`withTaskExecutorPreference`), and so is on one of them, is done there
/// and then, unless other work waits: no switch of threads.
public final class WorkerThreads: TaskExecutor {
    /// A piece of work. It answers whoever waits for it itself.
    public typealias Work = @Sendable () -> Void

    private struct State {
        var waiting: [Work] = []
        var isClosed = false
        var running: Int
        var closer: UnsafeContinuation<Void, Never>?

        /// - Returns: The closer to wake when this was the last thread.
        mutating func leave() -> UnsafeContinuation<Void, Never>? {
            running -= 1
            return running == 0 ? closer : nil
        }
    }

    private let state: Mutex<State>  // protects the work that waits, and who waits for the end
    private let limit: Int
    /// Counts the pieces of work that wait, and at the end the threads that are to leave.
    private let wakeUp = DispatchSemaphore(value: 0)

    /// - Parameter limit: Pieces of work that may wait; what tasks do that prefer these threads always may.
    /// - Throws: `PluginError` when the system has no threads to give.
    public init(_ count: Int, limit: Int) throws(PluginError) {
        self.limit = limit
        self.state = Mutex(State(running: count))
        for number in 0..<count {
            do throws(PluginError) {
                _ = try BlockingThread { [self] in work() }
            } catch {
                state.withLock { $0.running = number }
                wake(number)
                throw error
            }
        }
    }

    /// Has a thread do the work, after what came before it. `false` when there is no room, or an end.
    public func submit(_ work: @escaping Work) -> Bool { submit(work, limit: limit) }

    private func submit(_ work: @escaping Work, limit: Int) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.waiting.count < limit else { return false }
            state.waiting.append(work)
            return true
        }
        if isTaken { wakeUp.signal() }
        return isTaken
    }

    /// Has a thread do the work, after what came before it, and waits for what it gives. `nil` when there is no room,
    /// which a task that prefers these threads always has, or an end.
    public func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R? {
        let isPreferred = withUnsafeCurrentTask { $0?.unownedTaskExecutor } == asUnownedTaskExecutor()
        if isPreferred, state.withLock({ $0.waiting.isEmpty && !$0.isClosed }) { return work() }
        return await withUnsafeContinuation { (continuation: UnsafeContinuation<R?, Never>) in
            let isTaken = submit({ continuation.resume(returning: work()) }, limit: isPreferred ? .max : limit)
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Has a thread go on with a task, or after ``close()`` one of the concurrency runtime's.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isTaken = submit({ [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }, limit: .max)
        if !isTaken { globalConcurrentExecutor.enqueue(job) }
    }

    /// Pieces of work that wait, and tasks that wait to go on.
    public var waiting: Int { state.withLock { $0.waiting.count } }

    /// Takes nothing new, and waits until all that was taken is done and the threads have ended.
    public func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let running = state.withLock { state in
                state.isClosed = true
                state.closer = continuation
                return state.running
            }
            wake(running)
        }
    }

    private func wake(_ count: Int) {
        for _ in 0..<count { wakeUp.signal() }
    }

    /// Every time that a thread is woken is a piece of work, or at the end its leave.
    private func work() {
        while true {
            wakeUp.wait()
            let work = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            guard let work else { break }
            work()
        }
        state.withLock { $0.leave() }?.resume()
    }
}
