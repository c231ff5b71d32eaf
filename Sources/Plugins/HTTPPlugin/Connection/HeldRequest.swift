internal import OrderKernel

/// A request on its way through middleware, which may hold it for longer than its client waits.
struct HeldRequest: Sendable {
    /// Time for a middleware that has it behind its deadline to say so itself.
    static let patience = Duration.milliseconds(100)

    let plan: RequestPlan
    let context: RequestContext
}
