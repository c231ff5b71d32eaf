internal import OrderKernel

/// A request on its way through middleware, which may hold it for longer than its client waits.
struct HeldRequest: Sendable {
    /// Time for a middleware that heeds the deadline to say so itself.
    private static let patience = Duration.milliseconds(100)

    let plan: RequestPlan
    let context: RequestContext

    func isOverdue(at now: Instant) -> Bool { context.deadline + Self.patience <= now }
}
