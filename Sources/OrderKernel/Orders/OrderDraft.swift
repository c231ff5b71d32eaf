/// What a client says of an order that it wants created, already found valid; the endpoint refuses what is not.
public struct OrderDraft: Sendable, Equatable {
    /// 1 to 128 Unicode scalars, none of them a control character; `nil` only where the profile allows it.
    public var customerID: String?
    /// One of ``OrderRules/woodTypes``.
    public var woodType: String
    /// 1 to 1,000,000 pieces.
    public var quantity: Int
    /// The status that it begins with.
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
    /// The status that it is to have.
    public var status: OrderStatus
    /// Revisions that the client takes the order to have; the change is refused unless it has one of them.
    /// `nil` changes the order whatever its revision is.
    public var ifRevision: [Int]?

    public init(status: OrderStatus, ifRevision: [Int]? = nil) {
        self.status = status
        self.ifRevision = ifRevision
    }
}
