internal import CSQLite
internal import OrderKernel

/// Reads orders on one connection.
final class OrderReader {
    /// In the order that rows are read and inserted; a newer schema may have more.
    static let columns = "id, customer_id, wood_type, quantity, status, created_at, updated_at, revision"

    let connection: Connection
    private let selectOrder: Statement
    private let selectKey: Statement
    /// One statement for each shape of a list, made when it is first asked for.
    private var lists = [Statement?](repeating: nil, count: ListShape.count)

    init(_ connection: Connection) throws(SQLiteFailure) {
        self.connection = connection
        self.selectOrder = try connection.prepare("SELECT \(Self.columns) FROM orders WHERE id = ?1")
        self.selectKey = try connection.prepare(
            "SELECT digest, order_id FROM idempotency_keys WHERE principal = ?1 AND key = ?2")
    }

    /// Reads what does not have to wait for a commit; ends with ``SQLiteFailure/late`` at the deadline.
    /// - Parameter waits: Whether a lock of somebody else's is waited for.
    func read<R>(
        before deadline: Instant, waits: Bool = true, _ body: @Sendable (OrderReader) throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R {
        connection.patience.waits = waits
        defer { connection.patience.waits = true }
        connection.patience.deadline = deadline
        connection.patience.endsAtDeadline = true
        if connection.patience.isLate { throw .late }
        return try body(self)
    }

    func order(_ id: Order.ID) throws(SQLiteFailure) -> Order? {
        try selectOrder.bind(id, at: 1)
        defer { selectOrder.reset() }
        return try selectOrder.step() ? try Self.order(in: selectOrder) : nil
    }

    func orders(_ query: OrderQuery) throws(SQLiteFailure) -> [Order] {
        let shape = ListShape(query)
        let list = try statement(for: shape)
        let start: Order.ID = query.direction == .ascending ? 0 : .max
        try list.bind(query.after ?? start, at: 1)
        try list.bind(Int64(query.limit), at: 2)
        try list.bind(Int64(query.skip), at: 3)
        if let status = query.status { try list.bind(status.rawValue, at: 4) }
        if let woodType = query.woodType { try list.bind(woodType, at: 5) }
        if let customerID = query.customerID { try list.bind(customerID, at: 6) }
        defer { list.reset() }
        var orders: [Order] = []
        orders.reserveCapacity(query.limit)
        while try list.step() { orders.append(try Self.order(in: list)) }
        return orders
    }

    /// What a key was used for; `nil` when it was not.
    func use(of key: IdempotencyKey) throws(SQLiteFailure) -> KeyedOrder? {
        try selectKey.bind(key.principal, at: 1)
        try selectKey.bind(key.text, at: 2)
        defer { selectKey.reset() }
        guard try selectKey.step() else { return nil }
        return KeyedOrder(digest: selectKey.bytes(0), orderID: selectKey.integer(1))
    }

    private func statement(for shape: ListShape) throws(SQLiteFailure) -> Statement {
        if let list = lists[shape.index] { return list }
        let list = try connection.prepare(shape.sql(columns: Self.columns))
        lists[shape.index] = list
        return list
    }

    private static func order(in row: Statement) throws(SQLiteFailure) -> Order {
        let id = row.integer(0)
        guard let woodType = row.text(2), let status = row.text(4).flatMap(OrderStatus.init(rawValue:)) else {
            throw .unreadableRow("order \(id) has a status that this program does not know")
        }
        let revision = row.integer(7)
        guard (1..<Int64.max).contains(revision) else {
            throw .unreadableRow("order \(id) has the revision \(revision)")
        }
        let draft = OrderDraft(
            customerID: row.text(1), woodType: woodType, quantity: Int(row.integer(3)), status: status)
        return Order(
            id: id, draft: draft, status: status, createdAt: Timestamp(milliseconds: row.integer(5)),
            updatedAt: Timestamp(milliseconds: row.integer(6)), revision: Int(revision))
    }
}

/// Which filters a list has, and its direction: what its statement depends on.
struct ListShape {
    static let count = 16

    /// Less than ``count``.
    let index: Int

    init(_ query: OrderQuery) {
        index =
            (query.status == nil ? 0 : 1) | (query.woodType == nil ? 0 : 2) | (query.customerID == nil ? 0 : 4)
            | (query.direction == .ascending ? 0 : 8)
    }

    /// Whether every row that is read belongs to the list: there is an index for its filters together.
    var readsOnlyItsRows: Bool { [0, 1, 2, 4].contains(index & 7) }

    /// Goes through an index, or the table itself, in the order of ids, so that no list is ever sorted.
    ///
    /// A customer has fewer orders than a status or a wood type, so its index goes first.
    func sql(columns: String) -> String {
        let isAscending = index & 8 == 0
        let way =
            switch index & 7 {
            case 4...: " INDEXED BY orders_customer_id"
            case 1, 3: " INDEXED BY orders_status_id"
            case 2: " INDEXED BY orders_wood_type_id"
            default: ""
            }
        var sql = "SELECT \(columns) FROM orders\(way) WHERE id \(isAscending ? ">" : "<") ?1"
        if index & 1 != 0 { sql += " AND status = ?4" }
        if index & 2 != 0 { sql += " AND wood_type = ?5" }
        if index & 4 != 0 { sql += " AND customer_id = ?6" }
        return sql + " ORDER BY id \(isAscending ? "ASC" : "DESC") LIMIT ?2 OFFSET ?3"
    }
}
