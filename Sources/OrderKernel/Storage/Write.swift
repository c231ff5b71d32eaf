/// One change that storage is asked to make durable.
public indirect enum Write: Sendable, Equatable {
    case create(OrderDraft, key: IdempotencyKey?)
    case update(Order.ID, OrderChange)
}

/// What became of one ``Write``.
@nonexhaustive
public indirect enum WriteOutcome: Sendable, Equatable {
    case created(Order)
    /// The key had created this order already; the order is as it is now.
    case replayed(Order)
    case updated(Order)
    /// The order had the wanted members already: same revision, same time.
    case unchanged(Order)
    case refused(OrderError)
    /// Somebody else is changing the order: nothing was stored, and the write is to be handed in again.
    case postponed
}
