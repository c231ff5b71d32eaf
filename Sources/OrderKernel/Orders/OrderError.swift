/// Why a request that could be read was refused, or could not be done.
@nonexhaustive
public enum OrderError: Error, Equatable {
    case unknownOrder(Order.ID)
    /// The idempotency key was used for another create, or its order is gone.
    case keyReused
    /// The order has another revision than the client said.
    case revisionConflict(current: Int)
    case transitionRefused(from: OrderStatus, to: OrderStatus)
    /// No room for one more request; nothing was done.
    case overloaded
    /// The deadline passed before the work began; nothing was done.
    case deadlineExceeded
    /// What a middleware, or the reading of the input, has to say itself.
    case refused(Problem)
}
