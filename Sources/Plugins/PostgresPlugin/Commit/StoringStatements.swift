/// What stores the orders of a batch, and their keys.
struct StoringStatements: Sendable {
    /// Creates orders, under ids of the sequence's choice, and says under which. The token is taken last, as it is
    /// stored with the ids; where it is taken already, nothing is created.
    let createOrders: Statement
    let insertOrders: Statement
    let updateOrders: Statement
    let insertKeys: Statement

    init(_ schema: SchemaName) {
        createOrders = Statement(
            name: "create_orders",
            sql: """
                WITH made AS (INSERT INTO \(schema.table("orders")) \
                (customer_id, wood_type, quantity, status, created_at, updated_at, revision) \
                SELECT c, w, q, s, $6, $6, 1 FROM unnest($2, $3, $4, $5) AS n (c, w, q, s) RETURNING id) \
                INSERT INTO \(schema.table("order_batches")) (token, first_id, ids) \
                SELECT $1, min(id), CASE WHEN max(id) - min(id) + 1 > count(*) THEN array_agg(id) END FROM made \
                RETURNING first_id, ids
                """, types: [.uuid, .texts, .texts, .integers, .texts, .timestamp])
        insertOrders = Statement(
            name: "insert_orders",
            sql: """
                INSERT INTO \(schema.table("orders")) (\(ResultRows.orderColumns)) \
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                """, types: [.bigints, .texts, .texts, .integers, .texts, .timestamps, .timestamps, .bigints])
        updateOrders = Statement(
            name: "update_orders",
            sql: """
                UPDATE \(schema.table("orders")) o SET status = n.status, updated_at = n.time, revision = n.revision \
                FROM unnest($1, $2, $3, $4) AS n (id, status, time, revision) WHERE o.id = n.id
                """, types: [.bigints, .texts, .timestamps, .bigints])
        insertKeys = Statement(
            name: "insert_keys",
            sql: """
                INSERT INTO \(schema.table("order_keys")) (principal, key, digest, order_id) \
                SELECT * FROM unnest($1, $2, $3, $4)
                """, types: [.byteStrings, .byteStrings, .byteStrings, .bigints])
    }
}
