internal import Glibc
internal import Synchronization

/// Threads for work that blocks, so that it holds up no thread of the concurrency runtime.
///
/// An idle thread sleeps in a read of a pipe that holds one byte for each piece of work.
final class WorkerThreads: Sendable {
    /// A piece of work. It answers whoever waits for it itself.
    typealias Work = @Sendable () -> Void

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
    private let wakeUp: (read: Int32, write: Int32)

    /// - Parameter limit: Pieces of work that may wait, less than the 65,536 bytes of a pipe.
    init(_ count: Int, limit: Int) throws(SQLiteFailure) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .system("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.limit = limit
        self.wakeUp = (ends[0], ends[1])
        self.state = Mutex(State(running: count))
        for number in 0..<count where !start() {
            state.withLock { $0.running = number }
            if number == 0 { closePipe() } else { wake(number) }
            throw .system("no thread")
        }
    }

    /// Has a thread do the work, after what came before it. `false` when there is no room, or an end.
    func submit(_ work: @escaping Work) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.waiting.count < limit else { return false }
            state.waiting.append(work)
            return true
        }
        if isTaken { wake(1) }
        return isTaken
    }

    /// Has a thread do the work, and waits for what it gives. `nil` when there is no room, or an end.
    func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R? {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<R?, Never>) in
            if !submit({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
        }
    }

    /// Pieces of work that wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Takes nothing new, and waits until all that was taken is done and the threads have ended.
    func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let running = state.withLock { state in
                state.isClosed = true
                state.closer = continuation
                return state.running
            }
            wake(running)
        }
    }

    private func start() -> Bool {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<WorkerThreads>.fromOpaque($0).takeRetainedValue().work() }
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Every byte of the pipe is a piece of work, or at the end one thread's leave.
    private func work() {
        var byte: UInt8 = 0
        while true {
            guard read(wakeUp.read, &byte, 1) == 1 else { continue }  // interrupted by a signal
            let work = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            guard let work else { break }
            work()
        }
        let (isLast, closer) = state.withLock { $0.leave() }
        guard isLast else { return }
        closePipe()
        closer?.resume()
    }

    private func closePipe() {
        Glibc.close(wakeUp.read)
        Glibc.close(wakeUp.write)
    }

    private func wake(_ count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        while write(wakeUp.write, bytes, count) < 0, errno == EINTR {}
    }
}
