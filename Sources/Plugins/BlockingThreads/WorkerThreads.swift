public import OrderKernel
internal import Synchronization

/// Threads for work that blocks, so that it holds up no thread of the concurrency runtime.
///
/// Each is woken once for a piece of work, and once at the end to leave.
public final class WorkerThreads: Sendable {
    /// A piece of work. It answers whoever waits for it itself.
    public typealias Work = @Sendable () -> Void

    private struct State {
        var waiting: [Work] = []
        var isClosed = false
        var running: Int
        var closer: UnsafeContinuation<Void, Never>?

        /// - Returns: The closer to wake when this was the last thread.
        mutating func leave() -> (isLast: Bool, closer: UnsafeContinuation<Void, Never>?) {
            running -= 1
            return (running == 0, running == 0 ? closer : nil)
        }
    }

    private let state: Mutex<State>  // protects the work that waits, and who waits for the end
    private let limit: Int
    private let wakeUp: WakeUp

    /// - Parameter limit: Pieces of work that may wait, less than the 65,536 bytes of a pipe.
    /// - Throws: `PluginError` when the system has no threads or descriptors to give.
    public init(_ count: Int, limit: Int) throws(PluginError) {
        self.limit = limit
        self.state = Mutex(State(running: count))
        self.wakeUp = try WakeUp()
        for number in 0..<count {
            do throws(PluginError) {
                _ = try BlockingThread { [self] in work() }
            } catch {
                state.withLock { $0.running = number }
                if number == 0 { wakeUp.close() } else { wakeUp.wake(number) }
                throw error
            }
        }
    }

    /// Has a thread do the work, after what came before it. `false` when there is no room, or an end.
    public func submit(_ work: @escaping Work) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.waiting.count < limit else { return false }
            state.waiting.append(work)
            return true
        }
        if isTaken { wakeUp.wake() }
        return isTaken
    }

    /// Has a thread do the work, and waits for what it gives. `nil` when there is no room, or an end.
    public func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R? {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<R?, Never>) in
            if !submit({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
        }
    }

    /// Pieces of work that wait.
    public var waiting: Int { state.withLock { $0.waiting.count } }

    /// Takes nothing new, and waits until all that was taken is done and the threads have ended.
    public func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let running = state.withLock { state in
                state.isClosed = true
                state.closer = continuation
                return state.running
            }
            wakeUp.wake(running)
        }
    }

    /// Every time that a thread is woken is a piece of work, or at the end its leave.
    private func work() {
        while true {
            wakeUp.take()
            let work = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            guard let work else { break }
            work()
        }
        let (isLast, closer) = state.withLock { $0.leave() }
        guard isLast else { return }
        wakeUp.close()
        closer?.resume()
    }
}
