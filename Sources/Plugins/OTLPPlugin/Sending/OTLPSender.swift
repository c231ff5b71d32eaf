internal import OTLPFormat
internal import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// Sends requests to one target, again and again where that may help, within the time that an export may take.
final class OTLPSender: Sendable {
    /// A receiver that is not to be asked for a while, and why.
    private struct Pause {
        let end: Instant
        let trouble: ExportError
    }

    let target: OTLPTarget
    private let exchange: OTLPExchange
    private let time: any TimeSource
    /// For one export with all its attempts.
    private let timeout: Duration
    /// The setting that this follows from.
    private let limit: Duration
    private let pause = Mutex<Pause?>(nil)  // protects what the receiver has asked for

    /// - Parameter limit: When the kernel gives up an export; zero for never. What is known of it is said before.
    init(_ target: OTLPTarget, _ exchange: OTLPExchange, time: any TimeSource, within limit: Duration) {
        timeout = limit == .zero ? target.timeout : min(target.timeout, limit * 0.95)
        self.limit = timeout == target.timeout ? timeout : limit
        self.target = target
        self.exchange = exchange
        self.time = time
    }

    /// Sends a request until it is taken; for the last time when the service ends.
    /// - Returns: What the receiver said besides, though it took everything.
    /// - Throws: Why it was not taken, or not all of it.
    func send(_ request: OTLPRequest) async throws(OTLPFailure) -> String? {
        var mayBeTaken = false
        do throws(ExportError) {
            return try await send(request, &mayBeTaken)
        } catch {
            throw OTLPFailure(error: error, mayBeTaken: mayBeTaken)
        }
    }

    /// - Parameter mayBeTaken: Is set once the receiver may have any of it.
    private func send(_ request: OTLPRequest, _ mayBeTaken: inout Bool) async throws(ExportError) -> String? {
        let deadline = time.now + timeout
        // An attempt that has hardly any time learns nothing but that; what the receiver itself asks for is waited for.
        let lastStart = min(deadline - min(timeout * 0.1, .seconds(6)), time.now + Self.longestTrial)
        try await waitForReceiver(until: lastStart)
        var backoff = RetryBackoff()
        var isLast = false
        var trouble: ExportError?
        while true {
            let verdict = await verdict(on: request, by: deadline)
            switch verdict {
            case .accepted(let hint): return hint
            case .partial(let rejected, let message):
                mayBeTaken = true
                throw ExportError("rejected", message, lost: min(rejected, request.count))
            case .refused(let reason, let detail):
                if Self.silences.contains(reason) { mayBeTaken = true }
                // An attempt that was cut short knows less than the one before it.
                throw (reason == Self.timeout ? trouble : nil) ?? ExportError(reason, detail)
            case .busy(let reason, let detail, let delay, let wasSent):
                // What the receiver itself puts off for longer than an export may take is given up.
                let isUntaken = !wasSent || Self.refusals.contains(reason)
                if !isUntaken { mayBeTaken = true }
                let isPutOff = delay.map { $0 >= timeout } ?? false
                let delay = delay.map { min($0, Self.longestPause) }
                let error = ExportError(reason, detail, isPassing: !Task.isCancelled && isUntaken && !isPutOff)
                trouble = ExportError(reason, detail)  // an attempt after it may have been taken, where it is cut short
                if let delay {
                    pause.withLock { $0 = Pause(end: time.now + delay, trouble: error) }
                    if isPutOff { throw error.telling(of: delay) }
                }
                let wait = backoff.next(atLeast: delay)
                guard !isLast, time.now + wait < (wait == delay ? deadline : lastStart) else { throw error }
                isLast = !(await sleeps(wait))
                // What the receiver asks for is kept, also at the end.
                if Task.isCancelled || (isLast && delay != nil) { throw error }
            }
        }
    }

    private static let timeout = "timeout"
    /// For how long a request is tried again at most: what is wrong is told, also where nothing limits an export.
    private static let longestTrial = Duration.seconds(300)
    /// How long a receiver is left alone at most, however much it asks for: one answer silences no signal for good.
    private static let longestPause = Duration.seconds(300)
    /// Reasons of receivers that have taken nothing, and will take it later.
    private static let refusals = ["429", "503", "UNAVAILABLE", "RESOURCE_EXHAUSTED"]
    /// Reasons that say nothing of what a receiver has taken.
    private static let silences = [timeout, "answer_too_large"]
    private static let cancelled = OTLPVerdict.refused("cancelled", "the export was given up")

    func close() async { await exchange.close() }

    private func verdict(on request: OTLPRequest, by deadline: Instant) async -> OTLPVerdict {
        if Task.isCancelled { return Self.cancelled }
        let left = deadline - time.now
        return await withTaskGroup(of: OTLPVerdict?.self) { tasks in
            // Both at once, the time first: the request is compressed before anything is waited for.
            tasks.addImmediateTask { [time, limit] in
                guard (try? await time.sleep(until: deadline)) != nil else { return nil }
                return .refused(Self.timeout, "no answer within \(limit.settingText)")
            }
            tasks.addImmediateTask { [exchange] in await exchange.verdict(on: request, within: left) }
            defer { tasks.cancelAll() }
            for await verdict in tasks { if let verdict { return verdict } }
            return Self.cancelled
        }
    }

    /// Waits until the receiver may be asked.
    /// - Throws: Why it was not to be asked before the last start, or the end of the service. Nothing was sent, so all
    ///   of it may be taken later.
    private func waitForReceiver(until lastStart: Instant) async throws(ExportError) {
        guard let pause = pause.withLock({ $0 }), pause.end > time.now else { return }
        guard await sleeps(min(pause.end, lastStart) - time.now), pause.end < lastStart else {
            throw ExportError(pause.trouble.reason, pause.trouble.detail, isPassing: !Task.isCancelled)
        }
    }

    /// - Returns: Whether it has slept; the end of the service wakes it.
    private func sleeps(_ duration: Duration) async -> Bool {
        await cancelWhenGracefulShutdown { [time] in (try? await time.sleep(for: duration)) != nil }
    }
}

/// Why a request was not taken, or not all of it.
struct OTLPFailure: Error, Equatable {
    let error: ExportError
    /// Whether the receiver may have some of it, or all.
    let mayBeTaken: Bool
}

/// How long to wait before the next attempt: longer each time, and not at the same moment as everybody else.
struct RetryBackoff {
    private var base = 1.0

    /// - Parameter delay: What the receiver asks for; never less is waited.
    mutating func next(atLeast delay: Duration?) -> Duration {
        let seconds = min(base, 30) * Double.random(in: 0.8...1.2)
        base *= 1.5
        return max(delay ?? .zero, .seconds(seconds))
    }
}

extension ExportError {
    /// Tells, too, for how long the receiver is left alone.
    fileprivate func telling(of pause: Duration) -> ExportError {
        ExportError(reason, "\(detail); nothing is sent for \(pause.settingText)", isPassing: isPassing)
    }
}
