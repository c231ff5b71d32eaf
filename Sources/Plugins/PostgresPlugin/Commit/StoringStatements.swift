/// What stores the orders of a batch, and their keys.
struct StoringStatements: Sendable {
    /// Creates orders, under ids of the sequence's choice, and says under which. The token is taken last, as it is
    /// stored with the ids; where it is taken already, nothing is created. Nor is it where the database has left out an
    /// order: no token can be NULL.
    let createOrders: Statement
    let insertOrders: Statement
    let updateOrders: Statement
    /// Stores keys, in one order in all processes: each may have to wait for another's.
    let insertKeys: Statement

    init(_ schema: SchemaName) {
        /// A change of one row for each element of `$1` that fails where the database leaves one out, as a trigger may
        /// have it: no token can be NULL.
        func whole(_ change: String) -> String {
            """
            WITH made AS (\(change) RETURNING 1) INSERT INTO \(schema.table("order_batches")) (token) \
            SELECT NULL FROM made HAVING count(*) < cardinality($1)
            """
        }
        createOrders = Statement(
            name: "create_orders",
            sql: """
                WITH made AS (INSERT INTO \(schema.table("orders")) \
                (customer_id, wood_type, quantity, status, created_at, updated_at, revision) \
                SELECT c, w, q, s, $6, $6, 1 FROM unnest($2, $3, $4, $5) AS n (c, w, q, s) RETURNING id) \
                INSERT INTO \(schema.table("order_batches")) (token, first_id, ids) \
                SELECT CASE WHEN count(*) = cardinality($2) THEN $1 END, min(id), \
                CASE WHEN max(id) - min(id) + 1 > count(*) THEN array_agg(id) END FROM made \
                RETURNING first_id, ids
                """, types: [.uuid, .texts, .texts, .integers, .texts, .timestamp])
        insertOrders = Statement(
            name: "insert_orders",
            sql: whole(
                """
                INSERT INTO \(schema.table("orders")) (\(ResultRows.orderColumns)) \
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                """), types: [.bigints, .texts, .texts, .integers, .texts, .timestamps, .timestamps, .bigints])
        updateOrders = Statement(
            name: "update_orders",
            sql: whole(
                """
                UPDATE \(schema.table("orders")) o SET status = n.status, updated_at = n.time, revision = n.revision \
                FROM unnest($1, $2, $3, $4) AS n (id, status, time, revision) WHERE o.id = n.id
                """), types: [.bigints, .texts, .timestamps, .bigints])
        insertKeys = Statement(
            name: "insert_keys",
            sql: whole(
                """
                INSERT INTO \(schema.table("order_keys")) (principal, key, digest, order_id) \
                SELECT * FROM unnest($1, $2, $3, $4) AS n (principal, key, digest, id) ORDER BY principal, key
                """), types: [.byteStrings, .byteStrings, .byteStrings, .bigints])
    }
}
