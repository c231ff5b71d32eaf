internal import Synchronization

/// The circumstances of a request.
///
/// A value; its members stand together behind one reference, as a request goes through many hands.
public struct RequestContext: Sendable {
    private struct Members {
        var id: RequestID
        var route: RequestRoute
        var deadline: Instant
        /// The request's own place in its trace, where ``hasSpan``; else the caller's.
        var trace: TraceContext?
        var parent: SpanRecord.Parent?
        var hasSpan: Bool
        var principal: String
        var metadata: (any RequestMetadata)?
        var turn: OrderedInput.Turn?
    }

    private final class Storage: Sendable {
        let members: Members
        let fault = Mutex<MiddlewareFault?>(nil)  // protects what was thrown last
        let hasEffect = Atomic(false)
        /// Where in the chain an order is being stored, or was, by bits.
        let writes = Atomic<UInt64>(0)
        let isStopped = Atomic(false)
        let passage = Passage()
        /// Position in the chain of the middleware that had the request last.
        let holder = Atomic(0)

        init(_ members: Members) { self.members = members }
    }

    private var storage: Storage

    /// The request that the current task works for: in middleware and all that it waits for, and in a storage's reads.
    @TaskLocal static var current: RequestContext?

    public init(
        id: RequestID, route: RequestRoute, deadline: Instant, principal: String = "",
        metadata: (any RequestMetadata)? = nil, turn: OrderedInput.Turn? = nil
    ) {
        let telemetry = route.telemetry
        let caller = metadata.flatMap { telemetry.propagation.trace($0.values) }
        let hasSpan = telemetry.signals.contains(.spans)
        storage = Storage(
            Members(
                id: id, route: route, deadline: deadline,
                trace: hasSpan ? telemetry.sampler.context(childOf: caller) : caller?.begun,
                parent: caller?.begun.map { SpanRecord.Parent(spanID: $0.spanID, isRemote: true) }, hasSpan: hasSpan,
                principal: principal, metadata: metadata, turn: turn))
    }

    /// The circumstances of the same request that is tried again: its span is another child of the caller's.
    public func again(before deadline: Instant) -> RequestContext {
        var context = self
        context.change { members in
            members.deadline = deadline
            guard members.hasSpan, let trace = members.trace else { return }
            members.trace = TraceContext(
                traceID: trace.traceID, spanID: members.route.telemetry.sampler.nextSpanID(), flags: trace.flags,
                state: trace.state)
        }
        return context
    }

    /// Names the request in answers and logs.
    public var id: RequestID { storage.members.id }

    /// What kind of request this is, as telemetry names it.
    public var route: RequestRoute { storage.members.route }

    /// When the answer comes too late. Ends a write's waiting, never a commit that has begun.
    public var deadline: Instant {
        get { storage.members.deadline }
        set { change { $0.deadline = newValue } }
    }

    /// The request's own place in its trace; where no exporter takes spans, the caller's.
    public var trace: TraceContext? { storage.members.trace }

    /// The caller's span.
    var parent: SpanRecord.Parent? { storage.members.parent }

    /// Whether ``trace`` is the request's own, recorded or not.
    public var hasSpan: Bool { storage.members.hasSpan }

    /// What the caller sent along with its trace.
    public var baggage: Baggage {
        storage.members.metadata.map { route.telemetry.propagation.baggage($0.values) } ?? Baggage()
    }

    /// Who asks; empty where the transport authenticates nobody.
    public var principal: String {
        get { storage.members.principal }
        set { change { $0.principal = newValue } }
    }

    /// What the transport knows besides, such as headers.
    public var metadata: (any RequestMetadata)? {
        get { storage.members.metadata }
        set { change { $0.metadata = newValue } }
    }

    /// The request's place among those that must take effect one after another; `nil` where they need not.
    public var turn: OrderedInput.Turn? { storage.members.turn }

    /// When the answer comes too late, for a read that begins now: one that had to wait for its turn has the patience
    /// of its input since then. Even an input without patience has its reads tried once.
    func deadline(from now: @autoclosure () -> Instant) -> Instant {
        guard let turn else { return deadline }
        let now = now()
        return max(turn.readEnd(from: now), now + .seconds(1))
    }

    /// Whether its id, route, trace and turn are those of a request that it was made for.
    func hasPlace(of origin: RequestContext) -> Bool {
        if storage === origin.storage { return true }
        return id == origin.id && route === origin.route && hasSpan == origin.hasSpan && trace == origin.trace
            && turn == origin.turn
    }

    /// The same with the id, route, trace and turn of the request that it was made for.
    func inPlace(of origin: RequestContext) -> RequestContext {
        var context = origin
        context.change { members in
            members.deadline = deadline
            members.principal = principal
            members.metadata = metadata
        }
        return context
    }

    /// Notes that what the request asks for was stored, or may have been.
    func noteEffect() { storage.hasEffect.store(true, ordering: .relaxed) }

    /// Whether what the request asks for was stored, or may have been, whatever a middleware has thrown since.
    var hasEffect: Bool { storage.hasEffect.load(ordering: .relaxed) }

    /// Position in the chain of the middleware that holds the request; where it goes several ways at a time, of one of
    /// them.
    var holder: Int {
        get { storage.holder.load(ordering: .relaxed) }
        nonmutating set { storage.holder.store(newValue, ordering: .relaxed) }
    }

    /// Notes that middleware has the request in its hands.
    func enterMiddleware() { storage.passage.leaveEndpoint() }

    /// Notes that the request has passed all middleware; ``enterMiddleware()`` follows.
    /// - Throws: ``OrderError/deadlineExceeded`` where nobody waits for it any more.
    func enterEndpoint() throws(OrderError) {
        if !storage.passage.enterEndpoint() { throw .deadlineExceeded }
    }

    /// Notes that an order is to be stored, which has come to a place in the chain of middleware once.
    func beginWrite(at position: Int) throws(MiddlewareMistake) {
        let mark = UInt64(1) << position  // nothing where a chain is longer than there are bits
        let (marks, _) = storage.writes.bitwiseOr(mark, ordering: .relaxed)
        if marks & mark != 0 { throw .storedTwice }
    }

    /// Notes that nothing was stored, so that it may come there again.
    func endWrite(at position: Int) { storage.writes.bitwiseAnd(~(1 << position), ordering: .relaxed) }

    /// Notes that the request was answered, so that no middleware passes it on later.
    func endPassage() { storage.passage.end() }

    /// Notes that the service gave up what was asked of it, as it stops.
    func noteStop() { storage.isStopped.store(true, ordering: .relaxed) }

    /// Whether the service gave up what was asked of it.
    var isStopped: Bool { storage.isStopped.load(ordering: .relaxed) }

    /// Whether middleware holds the request, before the endpoint or behind it.
    public var isHeld: Bool { storage.passage.isOutside }

    /// Gives up a request that middleware holds; what it asks for is not done any more.
    ///
    /// For a transport whose client is not to wait longer, whatever the middleware waits for. Storage has deadlines of
    /// its own, so a request that has passed the middleware is waited for.
    /// - Returns: What to answer; `nil` where no middleware holds the request.
    public func giveUp() -> Problem? { storage.passage.giveUp() ? surrender : nil }

    /// What was answered in place of the middleware; `nil` unless the request was given up.
    var surrender: Problem? {
        guard storage.passage.isGivenUp else { return nil }
        return hasEffect ? .failedAfterStoring : ErrorMapping.problem(for: OrderError.deadlineExceeded)
    }

    /// Notes which middleware threw an error that nobody foresaw, or that comes too late; where it passes others on its
    /// way, the innermost did.
    @inline(never)  // keeps the frames of waiting requests small
    func note(_ error: any Error, of middleware: String) {
        guard hasEffect || !ErrorMapping.isForeseen(error) else { return }
        let reason = "\(error)"
        storage.fault.withLock { fault in
            if fault?.reason != reason { fault = MiddlewareFault(middleware, reason) }
        }
    }

    /// The middleware that threw an error; `nil` where none did.
    func thrower(of error: any Error) -> String? {
        storage.fault.withLock { $0?.reason == "\(error)" ? $0?.middleware : nil }
    }

    private mutating func change(_ body: (inout Members) -> Void) {
        var members = storage.members
        body(&members)
        storage = Storage(members)
    }
}

/// What a middleware threw that no client is to see.
private final class MiddlewareFault: Sendable {
    let middleware: String
    let reason: String

    init(_ middleware: String, _ reason: String) {
        self.middleware = middleware
        self.reason = reason
    }
}

/// What a transport knows of a request besides its operation.
public protocol RequestMetadata: Sendable {
    /// Every value under a name, without regard to case, in the order they came.
    func values(for name: String) -> [String]
    /// Adds facts for the request's span and its log line, when it ends, and only if there is one of them; nothing
    /// where this is not written.
    func addAttributes(to attributes: inout TelemetryAttributes)
    /// Adds what only the span says, besides; nothing where this is not written.
    func addSpanAttributes(to attributes: inout TelemetryAttributes)
}

extension RequestMetadata {
    public func addAttributes(to attributes: inout TelemetryAttributes) {}
    public func addSpanAttributes(to attributes: inout TelemetryAttributes) {}
}
