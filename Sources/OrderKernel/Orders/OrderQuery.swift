/// Which orders a list holds, and in which order; ordered by id.
public struct OrderQuery: Sendable, Equatable {
    /// The direction in which a list goes through the ids.
    public enum Direction: Sendable {
        case ascending
        case descending
    }

    /// Orders that one page may ask for.
    public static let limits = 1...1_000
    /// Orders of a page that does not say how many.
    public static let defaultLimit = 100
    /// Most orders that a page may skip.
    public static let skips = 0...100_000

    /// Only orders with this status, of this wood type, of this customer; `nil` for all.
    public var status: OrderStatus?
    public var woodType: String?
    public var customerID: String?
    /// Orders in the page, ``limits``.
    public var limit: Int
    /// Only orders beyond this id, in ``direction``.
    public var after: Order.ID?
    /// Matching orders left out before the first of the page, ``skips``.
    public var skip: Int
    public var direction: Direction

    public init(
        status: OrderStatus? = nil, woodType: String? = nil, customerID: String? = nil,
        limit: Int = OrderQuery.defaultLimit, after: Order.ID? = nil, skip: Int = 0,
        direction: Direction = .ascending
    ) {
        self.status = status
        self.woodType = woodType
        self.customerID = customerID
        self.limit = limit
        self.after = after
        self.skip = skip
        self.direction = direction
    }
}

/// One page of a list.
public struct OrderPage: Sendable, Equatable {
    /// In the direction that was asked for.
    public var orders: [Order]
    /// Opaque position of the next page; `nil` on the last.
    public var next: String?

    public init(orders: [Order], next: String?) {
        self.orders = orders
        self.next = next
    }
}
