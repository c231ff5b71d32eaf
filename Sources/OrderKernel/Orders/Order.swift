/// One order, as storage keeps it and as every transport answers it.
public struct Order: Sendable, Equatable {
    /// Number that storage gives to an order, ascending from 1.
    public typealias ID = Int64

    public let id: ID
    /// 1 to 128 Unicode scalars, none of them a control character; `nil` only where the profile allows it.
    public let customerID: String?
    /// One of ``OrderRules/woodTypes`` at the time the order was created.
    public let woodType: String
    /// 1 to 1,000,000 pieces.
    public let quantity: Int
    public let status: OrderStatus
    /// When storage was given it, the same for all of a batch.
    public let createdAt: Timestamp
    /// When the order last changed; ``createdAt`` until then.
    public let updatedAt: Timestamp
    /// Starts at 1 and grows by one with every change.
    public let revision: Int

    public init(
        id: ID, draft: OrderDraft, status: OrderStatus, createdAt: Timestamp, updatedAt: Timestamp, revision: Int
    ) {
        self.id = id
        self.customerID = draft.customerID
        self.woodType = draft.woodType
        self.quantity = draft.quantity
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }

    /// The order as it is created from a draft: revision 1, both times equal.
    init(id: ID, draft: OrderDraft, at time: Timestamp) {
        self.init(id: id, draft: draft, status: draft.status, createdAt: time, updatedAt: time, revision: 1)
    }

    /// The order after one change of its status.
    func with(status: OrderStatus, at time: Timestamp) -> Order {
        let draft = OrderDraft(customerID: customerID, woodType: woodType, quantity: quantity, status: status)
        return Order(
            id: id, draft: draft, status: status, createdAt: createdAt, updatedAt: time,
            revision: min(revision, .max - 1) + 1)  // a row that others have written may hold any
    }
}
