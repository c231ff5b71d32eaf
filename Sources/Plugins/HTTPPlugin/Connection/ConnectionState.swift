internal import OrderKernel

/// What is known of one connection. Its methods say what to do; the effect happens outside the lock.
struct ConnectionState {
    /// What a change asks to be done.
    struct Effect {
        /// The connection's task, and the request that it works on next; none when there will be no more.
        var wake: (waiter: UnsafeContinuation<Request?, Never>, request: Request?)?
        /// Reading was held back and may go on.
        var readsOn = false
        /// The client waits for a word before it sends the body.
        var sendsContinue = false
    }

    /// A request that a middleware held for too long, and what becomes of it.
    struct Overdue {
        let held: HeldRequest
        let problem: Problem
        /// Requests behind it that nobody will work on.
        let dropped: [Request]
    }

    /// What the connection waits for.
    enum Phase {
        /// The rest of a head, or the first head of all.
        case head
        /// A piece of a body.
        case body
        /// The service.
        case answer
        /// The client to take what was written.
        case delivery
        /// The next request.
        case idle
        /// The client to close its half.
        case farewell
    }

    private enum Ending {
        case none
        /// Ends once nothing is under way.
        case whenIdle
        case delivering
        case lingering

        /// Whether requests are no longer worked on.
        var isLast: Bool { self == .delivering || self == .lingering }
    }

    private var waiting: [Request] = []
    private var waiter: UnsafeContinuation<Request?, Never>?
    private var isWorking = false
    /// The request that is worked on, where middleware may hold it.
    private var held: HeldRequest?
    /// Since when it is known to be overdue; `nil` while it is not.
    private var overdueSince: Instant?
    private var isInHead = true
    private var isInBody = false
    private var owesContinue = false
    private var holdsReading = false
    private var isWritable = true
    private var isInputClosed = false
    private var isClosed = false
    private var isDraining = false
    private var ending = Ending.none
    /// The request whose body did not come to its end.
    private(set) var abandoned: Request?
    /// Grows with all that happens.
    private(set) var steps = 0

    var phase: Phase {
        switch ending {
        case .delivering: return .delivery
        case .lingering: return .farewell
        case .none, .whenIdle:
            if isWorking { return .answer }
            if !isWritable { return .delivery }
            if isInBody { return .body }
            return isInHead ? .head : .idle
        }
    }

    /// Requests whose head was seen and whose answer is not delivered.
    var inFlight: Int {
        waiting.count + (isWorking ? 1 : 0) + (isInBody ? 1 : 0) + (ending == .delivering ? 1 : 0)
    }

    /// Whether complete requests wait to be worked on.
    var hasRequests: Bool { !waiting.isEmpty }

    // MARK: What the channel sees

    mutating func beginHead() {
        guard !isInHead, !isInBody, !ending.isLast else { return }
        isInHead = true
        steps += 1
    }

    mutating func beginBody(expectsContinue: Bool) -> Effect {
        if ending.isLast { return Effect() }
        isInHead = false
        isInBody = true
        owesContinue = expectsContinue
        return advance()
    }

    mutating func receivePiece() {
        if ending.isLast { return }
        owesContinue = false
        steps += 1
    }

    mutating func giveUp(_ request: Request?) -> Effect {
        if let request, !ending.isLast { abandoned = request }
        isInBody = false
        owesContinue = false
        return advance()
    }

    /// - Returns: `nil` when nobody will work on the request.
    mutating func complete(_ request: Request) -> Effect? {
        isInHead = false
        isInBody = false
        owesContinue = false
        guard !isClosed, !ending.isLast else { return nil }
        waiting.append(request)
        return advance()
    }

    /// Whether the channel may read on: it need not while complete requests wait.
    mutating func mayRead() -> Bool {
        holdsReading = !waiting.isEmpty
        return !holdsReading
    }

    mutating func setWritable(_ isWritable: Bool) -> Effect {
        self.isWritable = isWritable
        return advance()
    }

    mutating func closeInput() -> Effect {
        isInputClosed = true
        return advance()
    }

    /// - Returns: Besides the effect, the requests that nobody will work on.
    mutating func close(_ request: Request?) -> (effect: Effect, dropped: [Request]) {
        if let request, !ending.isLast { abandoned = request }
        isClosed = true
        isInBody = false
        defer { waiting = [] }
        return (advance(), waiting)
    }

    // MARK: What the task does

    mutating func wait(_ waiter: UnsafeContinuation<Request?, Never>) -> Effect {
        self.waiter = waiter
        isWorking = false
        return advance()
    }

    mutating func hold(_ request: HeldRequest) { held = request }

    /// The request that was worked on has its answer.
    /// - Returns: Whether the connection ends with it; `nil` where the client had another answer meanwhile.
    mutating func takeBack() -> Bool? {
        held = nil
        if ending.isLast { return nil }
        return (isDraining || isInputClosed) && waiting.isEmpty && !isInBody
    }

    /// The last answer is being delivered; nothing more is worked on, and nothing that still comes counts as a step.
    mutating func deliver() -> [Request] {
        ending = .delivering
        isWorking = false
        isInBody = false
        owesContinue = false
        steps += 1
        defer { waiting = [] }
        return waiting
    }

    /// The last answer is delivered; what the client still sends is thrown away until it closes its half.
    mutating func linger() -> Effect {
        ending = .lingering
        return advance()
    }

    /// Gives up the request that is worked on where a middleware has held it for too long: its answer is the last.
    mutating func giveUpHeld(at now: Instant) -> Overdue? {
        guard let held, held.context.deadline <= now, held.context.isHeld else {
            overdueSince = nil
            return nil
        }
        let since = overdueSince ?? now
        overdueSince = since
        guard now - since >= HeldRequest.patience, let problem = held.context.giveUp() else { return nil }
        self.held = nil
        return Overdue(held: held, problem: problem, dropped: deliver())
    }

    // MARK: Shutdown

    mutating func drain() { isDraining = true }

    mutating func endWhenIdle() -> Effect {
        isDraining = true
        if ending == .none { ending = .whenIdle }
        return advance()
    }

    private mutating func advance() -> Effect {
        steps += 1
        var effect = Effect()
        if let waiter, let next = next() {
            self.waiter = nil
            isWorking = next.request != nil
            effect.wake = (waiter, next.request)
        }
        if owesContinue, waiter != nil, waiting.isEmpty {
            owesContinue = false
            effect.sendsContinue = true
        }
        if holdsReading, waiting.isEmpty {
            holdsReading = false
            effect.readsOn = true
        }
        return effect
    }

    /// What the task is to be woken with, if it is.
    private mutating func next() -> (request: Request?, Void)? {
        if isClosed { return (nil, ()) }
        if ending == .delivering { return nil }
        if ending == .lingering { return isInputClosed ? (nil, ()) : nil }
        if !waiting.isEmpty { return isWritable ? (waiting.removeFirst(), ()) : nil }
        let isOver = (isInputClosed || ending == .whenIdle) && !isInBody
        return isOver ? (nil, ()) : nil
    }
}
