/// What a client says of an order that it wants created, already found valid; the endpoint refuses what is not.
public struct OrderDraft: Sendable, Equatable {
    public var customerID: String?
    public var woodType: String
    public var quantity: Int
    public var status: OrderStatus

    public init(customerID: String?, woodType: String, quantity: Int, status: OrderStatus = .registered) {
        self.customerID = customerID
        self.woodType = woodType
        self.quantity = quantity
        self.status = status
    }
}

/// What a client wants changed in an order, already found valid.
public struct OrderChange: Sendable, Equatable {
    public var status: OrderStatus
    /// Revisions that the client takes the order to have; the change is refused unless it has one of them.
    /// `nil` changes the order whatever its revision is.
    public var ifRevision: [Int]?

    public init(status: OrderStatus, ifRevision: [Int]? = nil) {
        self.status = status
        self.ifRevision = ifRevision
    }
}
