internal import OrderKernel

/// What is read, outside of batches.
struct ReadStatements: Sendable {
    let orders: Statement
    /// The table of orders.
    private let table: String

    init(_ schema: SchemaName) {
        table = schema.table("orders")
        orders = Statement(
            name: "read_orders", sql: "SELECT \(ResultRows.orderColumns) FROM \(table) WHERE id = ANY($1)",
            types: [.bigints])
    }

    /// Reads nothing, where it could read a list.
    var trial: Call {
        Call(Statement(name: "", sql: "SELECT \(ResultRows.orderColumns) FROM \(table) LIMIT 0", types: []))
    }

    /// Reads a list, through an index in the order of ids, so that nothing is sorted.
    func list(_ query: OrderQuery) -> Call {
        let shape = ListShape(query)
        return Call(Statement(name: shape.name, sql: shape.sql(from: table), types: shape.types)) { values in
            values.append(query.after ?? (query.direction == .ascending ? 0 : .max))
            values.append(Int64(query.limit))
            values.append(Int64(query.skip))
            if let status = query.status { values.append(status.rawValue) }
            if let woodType = query.woodType { values.append(woodType) }
            if let customerID = query.customerID { values.append(customerID) }
        }
    }
}

/// Which filters a list has, and its direction: what its statement depends on.
private struct ListShape {
    private let filters: [String]
    private let isAscending: Bool

    init(_ query: OrderQuery) {
        filters =
            (query.status == nil ? [] : ["status"]) + (query.woodType == nil ? [] : ["wood_type"])
            + (query.customerID == nil ? [] : ["customer_id"])
        isAscending = query.direction == .ascending
    }

    var name: String { (["list"] + filters + [isAscending ? "up" : "down"]).joined(separator: "_") }

    var types: [ParameterType] { [.bigint, .bigint, .bigint] + filters.map { _ in .text } }

    func sql(from table: String) -> String {
        let conditions = filters.enumerated().map { " AND \($1) = $\($0 + 4)" }.joined()
        return """
            SELECT \(ResultRows.orderColumns) FROM \(table) WHERE id \(isAscending ? ">" : "<") $1\(conditions) \
            ORDER BY id \(isAscending ? "ASC" : "DESC") LIMIT $2 OFFSET $3
            """
    }
}

extension Statement {
    /// Settings of a transaction that reads: how long a statement may take, and that lists follow an index. Without
    /// statistics, as of a table that has just grown, the server would take sorting all orders to be quicker.
    static let readingSettings = Statement(
        name: "reading_settings",
        sql: "SELECT set_config('statement_timeout', $1, true), set_config('enable_sort', 'off', true)", types: [.text])
}
