internal import Logging
internal import OrderKernel
internal import Synchronization

/// Tells of changes from well to unwell and back, and decides whether a start goes on.
final class Health: Sendable {
    private struct State {
        /// What was last said; `nil` when nothing was, empty when all is well.
        var code: String?
        /// What the operator was told since all was well: each trouble once, however hosts take turns in it.
        var told: Set<String> = []
        var hasStarted = false
        /// Whether batches can be committed.
        var isWriting = false
        /// Why nothing can be read; `nil` while something can, or nobody knows.
        var readTrouble: PostgresFailure?
        var reason: PluginError?
        /// Since when another process has been making the tables.
        var lockedSince: Instant?
    }

    /// Opens when the start is given up.
    let hasGivenUp = Latch()
    private let state = Mutex(State())  // protects what was last said
    private let context: PluginContext
    private let retries: Bool
    private let server: Server
    private let lockPatience: Duration

    /// - Parameter lockPatience: How long a start that may fail waits while another process makes the tables.
    init(
        _ configuration: PostgresStorage.Configuration, _ context: PluginContext,
        lockPatience: Duration = .seconds(60)
    ) {
        self.lockPatience = lockPatience
        self.context = context
        retries = configuration.onStartFailure.map { $0 == .retry } ?? context.servesOn
        server = Server(configuration)
    }

    func note(_ report: WriterReport) {
        guard !hasGivenUp.isOpen else { return }
        switch report {
        case .available:
            setWriting(true)
            available()
        case .unreachable(let failure, let isSure):
            setWriting(false)
            unreachable(failure, isSure)
        case .failed(let error):
            setWriting(false)
            unavailable(error.code, error.detail)
        case .unswept(let failure):
            context.logger.warning(
                "old batches not removed from order_batches, tried again in an hour",
                metadata: ["code": "\(failure.code)", "reason": "\(failure.detail)"])
        }
    }

    /// Takes in why nothing can be read although the server can be written to, and with `nil` that something can.
    func noteReaders(_ failure: PostgresFailure?) {
        guard !hasGivenUp.isOpen else { return }
        state.withLock { $0.readTrouble = failure }
        available()
    }

    private func setWriting(_ isWriting: Bool) { state.withLock { $0.isWriting = isWriting } }

    /// Tells why lists come from the primary, and with `nil` that they do no more. Nothing else depends on replicas.
    func noteReplicas(_ failure: PostgresFailure?) {
        guard let failure else { return context.logger.notice("replicas available again") }
        context.logger.warning(
            "replicas unavailable, lists come from the primary",
            metadata: ["code": "\(failure.code)", "reason": "\(failure.detail)"])
    }

    /// - Throws: Why the start was given up.
    func check() throws(PluginError) {
        if let reason = state.withLock({ $0.reason }) { throw reason }
    }

    /// Has a service begin to answer where tables take long to be made: that it is not ready yet.
    func tellOfLongStart() async {
        guard retries, (try? await context.time.sleep(for: .seconds(1))) != nil else { return }
        state.withLock { state in
            guard state.code == nil, state.reason == nil else { return }
            state.code = "starting"
            context.unavailable("starting")
        }
    }

    /// While the server can be written to, that is all there is to it, unless nothing can be read.
    private func available() {
        // Readiness changes within the lock: in the order in which it is known.
        let (trouble, isNews) = state.withLock { state -> (PostgresFailure?, Bool) in
            guard state.isWriting else { return (nil, false) }
            state.hasStarted = true
            if let trouble = state.readTrouble { return (trouble, fail(&state, with: trouble.code)) }
            if state.code == "" { return (nil, false) }
            defer { (state.code, state.told) = ("", []) }
            context.ready()
            return (nil, !state.told.isEmpty)
        }
        guard isNews else { return }
        if let trouble { tell(trouble.code, trouble.detail) } else { context.logger.notice("storage available again") }
    }

    private func unreachable(_ failure: PostgresFailure, _ isSure: Bool) {
        let hasStarted = state.withLock { $0.hasStarted }
        // Whoever is to fail where the server is away waits while another makes the tables, for a while.
        if !hasStarted, failure.isLock, !retries, isPatient {
            if state.withLock({ $0.told.insert(failure.code).inserted }) { tell(failure.code, failure.detail) }
            return
        }
        if !hasStarted, isSure, failure.isHopeless || !retries {
            state.withLock { $0.reason = PluginError("\(server) cannot be used: \(failure.told).") }
            hasGivenUp.open()
        } else if hasStarted || retries {
            unavailable(failure.code, failure.detail)
        }
    }

    /// Whether another process that makes the tables is still waited for.
    private var isPatient: Bool {
        state.withLock { state in
            let since = state.lockedSince ?? .now
            state.lockedSince = since
            return .now < since + lockPatience
        }
    }

    private func unavailable(_ code: String, _ detail: String) {
        if state.withLock({ fail(&$0, with: code) }) { tell(code, detail) }
    }

    /// - Returns: Whether the operator has yet to be told.
    private func fail(_ state: inout State, with code: String) -> Bool {
        if state.code != code { context.unavailable(code) }
        state.code = code
        return state.told.insert(code).inserted
    }

    private func tell(_ code: String, _ detail: String) {
        if code == PostgresFailure.locked.code {
            return context.logger.warning("waiting for a lock", metadata: ["reason": "\(detail)"])
        }
        context.logger.error("storage unavailable", metadata: ["code": "\(code)", "reason": "\(detail)"])
    }
}
