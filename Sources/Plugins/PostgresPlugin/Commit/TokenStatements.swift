/// What stores, reads and removes the tokens of batches.
struct TokenStatements: Sendable {
    let store: Statement
    /// Stores a token where a commit waits for a standby, as one that has written nothing does not wait.
    let awaitStandby: Statement
    let read: Statement
    let remove: Statement
    /// Removes tokens of processes that are gone.
    let removeOld: Statement

    init(_ schema: SchemaName) {
        store = Statement(
            name: "store_token", sql: "INSERT INTO \(schema.table("order_batches")) (token, outcomes) VALUES ($1, $2)",
            types: [.uuid, .bytes])
        awaitStandby = Statement(
            name: "await_standby",
            sql: """
                INSERT INTO \(schema.table("order_batches")) (token) \
                SELECT $1 WHERE current_setting('synchronous_standby_names', true) <> ''
                """, types: [.uuid])
        read = Statement(
            name: "read_token",
            sql: "SELECT first_id, ids, outcomes FROM \(schema.table("order_batches")) WHERE token = $1", types: [.uuid]
        )
        remove = Statement(
            name: "remove_tokens", sql: "DELETE FROM \(schema.table("order_batches")) WHERE token = ANY($1)",
            types: [.uuids])
        removeOld = Statement(
            name: "remove_old_tokens",
            sql: "DELETE FROM \(schema.table("order_batches")) WHERE made_at < now() - interval '2 days'", types: [])
    }
}
