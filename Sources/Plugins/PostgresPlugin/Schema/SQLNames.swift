internal import OrderKernel

/// The statements of the storage, for one schema. No search path is needed, which a pooler would lose.
struct SQLNames: Sendable {
    /// In the order that rows are read.
    static let columns = "id, customer_id, wood_type, quantity, status, created_at, updated_at, revision"

    /// The schema as SQL writes it.
    let schema: String

    /// - Parameter schema: The schema's name, as `pg_namespace` has it.
    init(schema: String) {
        self.schema = "\"" + schema.replacing("\"", with: "\"\"") + "\""
    }

    /// A name of ours within the schema.
    private func table(_ name: String) -> String { "\(schema).\(name)" }

    /// The sequence that ids of orders come from, as a text of SQL.
    private var sequence: String { "'" + table("orders_id_seq").replacing("'", with: "''") + "'" }

    /// Statements of a step of the schema.
    func text(of statement: String) -> String { statement.replacing("SCHEMA.", with: schema + ".") }
}

// What a batch is stored with.
extension SQLNames {
    static let begin = Statement(name: "begin", sql: "BEGIN ISOLATION LEVEL READ COMMITTED", types: [])
    static let commit = Statement(name: "commit", sql: "COMMIT", types: [])

    /// Settings of a transaction, where the session is not ours alone: how long a statement may take, how long its locks
    /// are held when this program is cut off, and that an answered order survives a loss of power, also where the role
    /// or the database has it otherwise.
    static let settings = Statement(
        name: "settings",
        sql: """
            SELECT set_config('statement_timeout', $1, true), \
            set_config('idle_in_transaction_session_timeout', $1, true), \
            CASE WHEN current_setting('synchronous_commit') = 'off' \
            THEN set_config('synchronous_commit', 'on', true) END
            """, types: [.text])

    /// Creates orders, under ids of the sequence's choice, and says under which. The token is taken last, as it is
    /// stored with the ids; where it is taken already, nothing is created.
    var createOrders: Statement {
        Statement(
            name: "create_orders",
            sql: """
                WITH made AS (INSERT INTO \(table("orders")) \
                (customer_id, wood_type, quantity, status, created_at, updated_at, revision) \
                SELECT c, w, q, s, $6, $6, 1 FROM unnest($2, $3, $4, $5) AS n (c, w, q, s) RETURNING id) \
                INSERT INTO \(table("order_batches")) (token, first_id, ids) \
                SELECT $1, min(id), CASE WHEN max(id) - min(id) + 1 > count(*) THEN array_agg(id) END FROM made \
                RETURNING first_id, ids
                """, types: [.uuid, .texts, .texts, .integers, .texts, .timestamp])
    }

    /// Keeps orders from changing until the transaction ends, in the order of their ids, and reads them: those that
    /// nobody else keeps.
    var lockOrders: Statement {
        Statement(
            name: "lock_orders",
            sql: """
                SELECT \(Self.columns) FROM \(table("orders")) WHERE id = ANY($1) ORDER BY id \
                FOR NO KEY UPDATE SKIP LOCKED
                """, types: [.bigints])
    }

    /// Tells which of some ids are those of orders.
    var findOrders: Statement {
        Statement(
            name: "find_orders", sql: "SELECT array_agg(id) FROM \(table("orders")) WHERE id = ANY($1)",
            types: [.bigints])
    }

    /// Reads what keys were used for, with the order, and gives an id for each that was not used.
    var readKeys: Statement {
        let columns = Self.columns.split(separator: ", ").map { "o.\($0)" }.joined(separator: ", ")
        return Statement(
            name: "read_keys",
            sql: """
                SELECT n.number, k.digest, CASE WHEN k.order_id IS NULL THEN nextval(\(sequence)) END, \(columns) \
                FROM unnest($1, $2) WITH ORDINALITY AS n (principal, key, number) \
                LEFT JOIN \(table("order_keys")) k ON k.principal = n.principal AND k.key = n.key \
                LEFT JOIN \(table("orders")) o ON o.id = k.order_id
                """, types: [.byteStrings, .byteStrings])
    }

    /// Gives ids.
    var takeIDs: Statement {
        Statement(
            name: "take_ids", sql: "SELECT array_agg(nextval(\(sequence))) FROM generate_series(1, $1)",
            types: [.bigint])
    }

    var storeToken: Statement {
        Statement(
            name: "store_token", sql: "INSERT INTO \(table("order_batches")) (token, outcomes) VALUES ($1, $2)",
            types: [.uuid, .bytes])
    }

    /// Stores a token where a commit waits for a standby, as one that has written nothing does not wait.
    var awaitStandby: Statement {
        Statement(
            name: "await_standby",
            sql: """
                INSERT INTO \(table("order_batches")) (token) \
                SELECT $1 WHERE current_setting('synchronous_standby_names', true) <> ''
                """, types: [.uuid])
    }

    var readToken: Statement {
        Statement(
            name: "read_token",
            sql: "SELECT first_id, ids, outcomes FROM \(table("order_batches")) WHERE token = $1", types: [.uuid])
    }

    var removeTokens: Statement {
        Statement(
            name: "remove_tokens", sql: "DELETE FROM \(table("order_batches")) WHERE token = ANY($1)", types: [.uuids])
    }

    /// Removes tokens of processes that are gone.
    var removeOldTokens: Statement {
        Statement(
            name: "remove_old_tokens",
            sql: "DELETE FROM \(table("order_batches")) WHERE made_at < now() - interval '2 days'", types: [])
    }

    var insertOrders: Statement {
        Statement(
            name: "insert_orders",
            sql: """
                INSERT INTO \(table("orders")) (\(Self.columns)) \
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                """, types: [.bigints, .texts, .texts, .integers, .texts, .timestamps, .timestamps, .bigints])
    }

    var updateOrders: Statement {
        Statement(
            name: "update_orders",
            sql: """
                UPDATE \(table("orders")) o SET status = n.status, updated_at = n.time, revision = n.revision \
                FROM unnest($1, $2, $3, $4) AS n (id, status, time, revision) WHERE o.id = n.id
                """, types: [.bigints, .texts, .timestamps, .bigints])
    }

    var insertKeys: Statement {
        Statement(
            name: "insert_keys",
            sql: """
                INSERT INTO \(table("order_keys")) (principal, key, digest, order_id) \
                SELECT * FROM unnest($1, $2, $3, $4)
                """, types: [.byteStrings, .byteStrings, .byteStrings, .bigints])
    }

    static let mark = Statement(name: "mark", sql: "SAVEPOINT mark", types: [])
    static let takeBack = Statement(name: "take_back", sql: "ROLLBACK TO SAVEPOINT mark", types: [])

    /// Asks for nothing, to see whether anybody answers.
    static let ping = Statement(name: "ping", sql: "SELECT 1", types: [])
}

// What is read.
extension SQLNames {
    /// Settings of a transaction that reads: how long a statement may take, and that lists follow an index. Without
    /// statistics, as of a table that has just grown, the server would take sorting all orders to be quicker.
    static let readingSettings = Statement(
        name: "reading_settings",
        sql: "SELECT set_config('statement_timeout', $1, true), set_config('enable_sort', 'off', true)", types: [.text])

    var readOrders: Statement {
        Statement(
            name: "read_orders", sql: "SELECT \(Self.columns) FROM \(table("orders")) WHERE id = ANY($1)",
            types: [.bigints])
    }

    /// Reads a list, through an index in the order of ids, so that nothing is sorted.
    func list(_ query: OrderQuery) -> Call {
        let shape = ListShape(query)
        return Call(Statement(name: shape.name, sql: shape.sql(from: table("orders")), types: shape.types)) { values in
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
            SELECT \(SQLNames.columns) FROM \(table) WHERE id \(isAscending ? ">" : "<") $1\(conditions) \
            ORDER BY id \(isAscending ? "ASC" : "DESC") LIMIT $2 OFFSET $3
            """
    }
}
