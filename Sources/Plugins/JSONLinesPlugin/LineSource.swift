import BlockingThreads
import Synchronization

/// The lines that were read and not yet taken: filled by the reading thread, emptied by the workers.
///
/// Bounded: the thread waits while ``LineSourceState/mostPieces`` wait, and no line is taken while lines and results
/// hold more than ``LineSourceState/mostHeld`` bytes.
final class LineSource: Sendable {
    /// A line that was taken.
    struct Taken {
        /// Place among the requests, from 0.
        let request: Int
        /// Place among the lines of the input, from 1.
        let line: Int
        let content: LineSplitter.Line
        /// Bytes that it is taken to hold until its result is there.
        let size: Int
    }

    private let state: Mutex<LineSourceState>  // protects the lines that wait, who waits for them, and the bytes held
    private let wakeUp: WakeUp

    init(longestLine: Int) throws {
        state = Mutex(LineSourceState(splitter: LineSplitter(longest: longestLine)))
        wakeUp = try WakeUp()
    }

    /// Whether every line of the input was taken.
    var isExhausted: Bool { state.withLock { $0.isExhausted } }

    /// The last line of the input that was taken, or is blank and stands behind it; from 1.
    var lastLine: Int { state.withLock { $0.lastLine } }

    /// Takes the next line, once there is one and room for its result; `nil` when there is none to come.
    func next() async -> Taken? {
        while true {
            let (step, wakesReader, waiter) = state.withLock { $0.take() }
            if wakesReader { wakeUp.wake() }
            waiter?.resume()
            switch step {
            case .line(let line): return line
            case .end: return nil
            case .wait:
                await withUnsafeContinuation { waiter in
                    if !state.withLock({ $0.park(waiter) }) { waiter.resume() }
                }
            }
        }
    }

    /// Says that bytes are held, or with a negative number that they no longer are.
    func hold(_ bytes: Int) {
        state.withLock { $0.hold(bytes) }?.resume()
    }

    /// Gives no lines until ``resume()``.
    func pause() {
        state.withLock { $0.pause() }
    }

    func resume() {
        state.withLock { $0.resume() }?.resume()
    }

    /// Gives no more lines.
    func stop() {
        state.withLock { $0.stop() }.forEach { $0.resume() }
        wakeUp.wake()
    }

    /// Reads the input to its end, or until ``stop()``. Blocks its thread.
    func read(_ input: LineInput) throws {
        while let isFull = state.withLock({ $0.prepareRead() }) {
            guard !isFull, input.wait(wakeUp) else {
                wakeUp.wait()
                continue
            }
            guard let piece = try input.read() else { continue }
            state.withLock { $0.add(piece) }?.resume()
            if piece.isEmpty { return }
        }
    }

    func close() {
        wakeUp.close()
    }
}
