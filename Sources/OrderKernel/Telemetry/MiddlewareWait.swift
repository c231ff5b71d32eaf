internal import Synchronization

/// How long a middleware keeps a request that is recorded, before it goes on or answers by itself.
final class MiddlewareWait: Sendable {
    /// Less than this is no wait: a span of it would only hide the others.
    static let least = Duration.milliseconds(1)

    private let name: String
    private let context: RequestContext
    private let start: Instant
    private let hasEnded = Atomic(false)

    /// - Parameter context: Of a request whose span is recorded.
    init(_ name: String, _ context: RequestContext) {
        self.name = name
        self.context = context
        start = context.route.telemetry.clock.time.now
    }

    /// The middleware goes on, or is done; the first time counts.
    func end() {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        let telemetry = context.route.telemetry
        let end = telemetry.clock.time.now
        guard end - start >= Self.least, telemetry.admitSpan(of: context) else { return }
        telemetry.record("middleware \(name)", of: context, since: start, until: end)
    }
}
