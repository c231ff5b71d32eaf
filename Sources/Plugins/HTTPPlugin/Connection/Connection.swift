internal import Logging
internal import NIOCore
internal import OrderKernel
internal import Synchronization

/// One client's connection: its channel hands requests over, its task answers them one after another.
///
/// The task runs on the channel's event loop, so that a request which need not wait is answered in the turn of the
/// loop in which it was read.
final class Connection: Sendable {
    let channel: any Channel
    let executor: LoopExecutor
    let server: Server
    /// All that is known of the client before it says more.
    let caller: Caller
    /// Whether there are more connections than the profile allows: the first request is answered 503.
    let isSurplus: Bool
    private let state = Mutex(ConnectionState())  // protects the requests, and who waits for them
    private let watch = Mutex(ConnectionWatch())  // protects since when nothing happens

    init(channel: any Channel, executor: LoopExecutor, server: Server, isSurplus: Bool) {
        self.channel = channel
        self.executor = executor
        self.server = server
        self.caller = Caller(channel.remoteAddress)
        self.isSurplus = isSurplus
    }

    /// Requests whose head was seen and whose answer is not delivered.
    var inFlight: Int { state.withLock { $0.inFlight } }

    /// Answers requests until the client or the service ends the connection.
    func serve() async {
        var isLast = false
        while !isLast {
            guard let request = await next() else {
                // A request may have become complete since the end was decided.
                if state.withLock({ $0.hasRequests }) { continue }
                break
            }
            let answer = await server.responder.answer(request) { held in state.withLock { $0.hold(held) } }
            server.release(request)
            guard let ends = state.withLock({ $0.takeBack() }) else { return await leave() }
            isLast = request.plan.isLast || ends
            let response = server.writer.bytes(of: answer, to: request.plan, isLast: isLast)
            if let route = answer.route, let status = answer.status {
                route.recordBodies(
                    request: request.body?.readableBytes ?? 0, response: response.bodySize, status: status)
            }
            channel.write(response.bytes, promise: nil)
            executor.flush(channel)
        }
        await finish(lingers: isLast)
        if let abandoned = state.withLock({ $0.abandoned }) { server.responder.note(abandoned: abandoned) }
    }

    private func next() async -> Request? {
        await withUnsafeContinuation { waiter in
            perform(state.withLock { $0.wait(waiter) })
        }
    }

    /// Delivers what was answered, then closes the connection.
    ///
    /// - Parameter lingers: Whether the client may still send. Closing at once would then reset the connection, and
    ///   the answer could be lost on its way (RFC 9112, section 9.6).
    private func finish(lingers: Bool) async {
        state.withLock { $0.deliver() }.forEach(server.release)
        let isDelivered = (try? await channel.writeAndFlush(ByteBuffer()).get()) != nil
        if isDelivered, lingers {
            channel.close(mode: .output, promise: nil)
            perform(state.withLock { $0.linger() })
            _ = await next()
        }
        try? await channel.close().get()
    }

    /// Waits until the client has taken the answer that it was given meanwhile, or has gone.
    private func leave() async {
        _ = await next()
        try? await channel.close().get()
    }

    private func perform(_ effect: ConnectionState.Effect) {
        if effect.sendsContinue {
            channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
        }
        if effect.readsOn { channel.read() }
        if let (waiter, request) = effect.wake { waiter.resume(returning: request) }
    }
}

// MARK: What the channel sees

extension Connection {
    func beginHead() { state.withLock { $0.beginHead() } }

    func beginBody(expectsContinue: Bool) {
        perform(state.withLock { $0.beginBody(expectsContinue: expectsContinue) })
    }

    func receivePiece() { state.withLock { $0.receivePiece() } }

    /// The request that was being read will never be complete.
    func giveUp(_ abandoned: Request?) { perform(state.withLock { $0.giveUp(abandoned) }) }

    /// - Returns: Whether the request is worked on.
    func complete(_ request: Request) -> Bool {
        guard let effect = state.withLock({ $0.complete(request) }) else {
            server.release(request)
            return false
        }
        perform(effect)
        return true
    }

    func mayRead() -> Bool { state.withLock { $0.mayRead() } }

    func setWritable(_ isWritable: Bool) { perform(state.withLock { $0.setWritable(isWritable) }) }

    func closeInput() { perform(state.withLock { $0.closeInput() }) }

    func close(_ abandoned: Request?) {
        let (effect, dropped) = state.withLock { $0.close(abandoned) }
        dropped.forEach(server.release)
        perform(effect)
    }
}

// MARK: Time and shutdown

extension Connection {
    /// Says in every answer from now on that the connection ends, where no request waits behind it.
    func drain() { state.withLock { $0.drain() } }

    /// Ends the connection once nothing is under way.
    func endWhenIdle() { perform(state.withLock { $0.endWhenIdle() }) }

    /// Ends the connection at once. Returns how many requests go without an answer.
    func cut() -> Int {
        defer { channel.close(promise: nil) }
        return inFlight
    }

    /// Closes the connection if nothing has happened on it for longer than its phase allows.
    func sweep(at now: Instant, limits: HTTPTransport.Limits) async {
        if let overdue = state.withLock({ $0.giveUpHeld(at: now) }) { answer(overdue) }
        let (phase, steps) = state.withLock { ($0.phase, $0.steps) }
        guard watch.withLock({ $0.isOverdue(phase, steps: steps, at: now, limits: limits) }) else { return }
        let outstanding = (try? await channel.getOption(.bufferedWritableBytes).get()) ?? 0
        guard watch.withLock({ $0.isStuck(at: now, outstanding: outstanding) }) else { return }
        guard state.withLock({ $0.steps == steps }) else { return }  // a request has come meanwhile
        server.logger.debug("connection timed out", metadata: ["phase": "\(phase)"])
        channel.close(promise: nil)
    }

    /// Answers in place of a middleware that is out of time, and ends the connection, whose task waits for it.
    private func answer(_ overdue: ConnectionState.Overdue) {
        server.responder.note(overdue: overdue.held)  // at once, while it is still held
        overdue.dropped.forEach(server.release)
        let plan = overdue.held.plan
        let answer = Answer(content: .outcome(.problem(overdue.problem)))
        channel.writeAndFlush(server.writer.bytes(of: answer, to: plan, isLast: true).bytes).whenSuccess {
            self.channel.close(mode: .output, promise: nil)
            self.perform(self.state.withLock { $0.linger() })
        }
    }
}
