/// What a ``LineSource`` knows. Its methods say what to do; the effect happens outside the lock.
struct LineSourceState {
    /// Pieces of the input that may wait.
    static let mostPieces = 4
    /// Bytes of lines and results that may be held before no more lines are taken.
    static let mostHeld = 2 << 20

    typealias Waiter = UnsafeContinuation<Void, Never>

    enum Step {
        case line(LineSource.Taken)
        case wait
        case end
    }

    /// Whether every line of the input was taken.
    private(set) var isExhausted = false
    /// The last line that was taken, or is blank and stands behind it; from 1.
    var lastLine: Int { splitter.number }
    private var splitter: LineSplitter
    private var pieces: [[UInt8]] = []
    private var hasEnded = false
    private var isStopped = false
    private var isPaused = false
    private var requests = 0
    private var held = 0
    private var isReaderAsleep = false
    private var waiters: [Waiter] = []

    init(splitter: LineSplitter) {
        self.splitter = splitter
    }

    /// Takes the next line. Wakes one more worker where there may be more to do, so that one wakes the other.
    mutating func take() -> (step: Step, wakesReader: Bool, waiter: Waiter?) {
        let step = nextStep()
        var waiter: Waiter?
        if case .wait = step {} else if canGoOn { waiter = waiters.popLast() }
        let wakesReader = isReaderAsleep && pieces.count < Self.mostPieces
        if wakesReader { isReaderAsleep = false }
        return (step, wakesReader, waiter)
    }

    /// Has a worker wait; `false` when there is something to do already.
    mutating func park(_ waiter: Waiter) -> Bool {
        guard !canGoOn else { return false }
        waiters.append(waiter)
        return true
    }

    /// Says that bytes are held, or with a negative number that they no longer are.
    mutating func hold(_ bytes: Int) -> Waiter? {
        held += bytes
        return bytes < 0 && canGoOn ? waiters.popLast() : nil
    }

    /// Gives no lines until ``resume()``. At most one worker has it paused: they share a thread, and the one that has
    /// taken a line pauses before another can take the next.
    mutating func pause() { isPaused = true }

    mutating func resume() -> Waiter? {
        isPaused = false
        return canGoOn ? waiters.popLast() : nil
    }

    mutating func stop() -> [Waiter] {
        isStopped = true
        defer { waiters = [] }
        return waiters
    }

    /// Whether the reading thread finds the queue full, and is to wait; `nil` when it is to end.
    mutating func prepareRead() -> Bool? {
        if isStopped { return nil }
        isReaderAsleep = pieces.count >= Self.mostPieces
        return isReaderAsleep
    }

    /// Adds what was read; nothing means the end.
    mutating func add(_ piece: [UInt8]) -> Waiter? {
        if piece.isEmpty { hasEnded = true } else { pieces.append(piece) }
        return canGoOn ? waiters.popLast() : nil
    }

    /// Whether taking gives something else than waiting, as far as can be known without looking for a line's end.
    private var canGoOn: Bool {
        isStopped || (!isPaused && held <= Self.mostHeld && (splitter.hasMore || !pieces.isEmpty || hasEnded))
    }

    private mutating func nextStep() -> Step {
        if isStopped { return .end }
        if isPaused || held > Self.mostHeld { return .wait }
        while true {
            if let content = splitter.next() { return line(content) }
            if !pieces.isEmpty {
                splitter.add(pieces.removeFirst())
            } else if !hasEnded {
                return .wait
            } else if let content = splitter.last() {
                return line(content)
            } else {
                isExhausted = true
                return .end
            }
        }
    }

    private mutating func line(_ content: LineSplitter.Line) -> Step {
        let size = if case .complete(let bytes) = content { bytes.count } else { 0 }
        held += size
        defer { requests += 1 }
        return .line(LineSource.Taken(request: requests, line: splitter.number, content: content, size: size))
    }
}
