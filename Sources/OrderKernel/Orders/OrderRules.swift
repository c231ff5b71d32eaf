/// What the profile's `orders` section says of orders.
public struct OrderRules: Sendable, Equatable {
    /// Wood types that may be ordered; not empty.
    public var woodTypes: [String]
    /// Whether a create must name its customer.
    public var requiresCustomer: Bool
    /// Statuses that may follow each status; a status without an entry may be followed by every other.
    public var transitions: [OrderStatus: [OrderStatus]]

    /// The rules of a profile that says nothing of orders.
    public static let standard = OrderRules(
        woodTypes: ["oak", "maple", "birch", "elm", "pine"], requiresCustomer: true, transitions: [:])

    public init(woodTypes: [String], requiresCustomer: Bool, transitions: [OrderStatus: [OrderStatus]]) {
        self.woodTypes = woodTypes
        self.requiresCustomer = requiresCustomer
        self.transitions = transitions
    }

    /// Whether orders may be of a wood type. As for storages, only a text of the same bytes is the same: `==` would
    /// also take another spelling of a character, such as an accent of its own.
    func allows(woodType: String) -> Bool {
        woodTypes.contains { $0.utf8.elementsEqual(woodType.utf8) }
    }

    /// What is said of a text that is no wood type.
    var woodTypeRule: String { "must be one of " + woodTypes.joined(separator: ", ") }

    /// Whether an order may go from one status to another; staying is always allowed.
    func allows(_ from: OrderStatus, to next: OrderStatus) -> Bool {
        guard from != next, let allowed = transitions[from] else { return true }
        return allowed.contains(next)
    }
}
