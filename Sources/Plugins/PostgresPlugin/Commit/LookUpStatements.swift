/// What a batch reads before it is stored.
struct LookUpStatements: Sendable {
    /// Keeps orders from changing until the transaction ends, in the order of their ids, and reads them: those that
    /// nobody else keeps.
    let lockOrders: Statement
    /// Tells which of some ids are those of orders.
    let findOrders: Statement
    /// Reads what keys were used for, with the order's id and what is there of the order, and gives an id for each that
    /// was not used.
    let readKeys: Statement
    /// Gives ids.
    let takeIDs: Statement
    /// Tells the highest id, whether this role may take others, whether they ascend, whether there is another, and
    /// whether an order has it; fails where the role may not read keys. Where nobody has taken one since the sequence
    /// was set, one is taken, as nothing else tells.
    let prospects: Statement
    /// What helps where an order has the next id.
    let idAdvice: String

    init(_ schema: SchemaName) {
        idAdvice = """
            \(PostgresFailure.idTaken): SELECT setval(\(schema.sequence), max(id)) FROM \(schema.table("orders"))
            """
        lockOrders = Statement(
            name: "lock_orders",
            sql: """
                SELECT \(ResultRows.orderColumns) FROM \(schema.table("orders")) WHERE id = ANY($1) ORDER BY id \
                FOR NO KEY UPDATE SKIP LOCKED
                """, types: [.bigints])
        findOrders = Statement(
            name: "find_orders", sql: "SELECT array_agg(id) FROM \(schema.table("orders")) WHERE id = ANY($1)",
            types: [.bigints])
        let columns = ResultRows.orderColumns.split(separator: ", ").map { "o.\($0)" }.joined(separator: ", ")
        readKeys = Statement(
            name: "read_keys",
            sql: """
                SELECT n.number, k.digest, coalesce(k.order_id, nextval(\(schema.sequence))), \(columns) \
                FROM unnest($1, $2) WITH ORDINALITY AS n (principal, key, number) \
                LEFT JOIN \(schema.table("order_keys")) k ON k.principal = n.principal AND k.key = n.key \
                LEFT JOIN \(schema.table("orders")) o ON o.id = k.order_id
                """, types: [.byteStrings, .byteStrings])
        takeIDs = Statement(
            name: "take_ids", sql: "SELECT array_agg(nextval(\(schema.sequence))) FROM generate_series(1, $1)",
            types: [.bigint])
        prospects = Self.prospects(schema)
    }

    private static func prospects(_ schema: SchemaName) -> Statement {
        Statement(
            name: "prospects",
            sql: """
                SELECT n.highest, n.may::integer, (n.step > 0)::integer, coalesce(n.has_more, true)::integer, \
                (SELECT count(*) FROM \(schema.table("orders")) WHERE id = n.next), \
                (SELECT count(*) FROM (SELECT FROM \(schema.table("order_keys")) LIMIT 1) k) \
                FROM (SELECT l.*, l.cycles OR CASE WHEN l.step > 0 THEN l.last <= l.most - l.step END AS has_more, \
                CASE WHEN l.step <= 0 THEN NULL WHEN l.last <= l.most - l.step THEN l.last + l.step \
                WHEN l.last IS NULL AND l.may AND l.sees AND l.highest <> 0 THEN nextval(l.sequence) END AS next \
                FROM (SELECT h.highest, m.may, m.sees, s.seqrelid AS sequence, s.seqincrement AS step, \
                s.seqmax AS most, s.seqcycle AS cycles, \
                CASE WHEN m.sees THEN pg_sequence_last_value(s.seqrelid) END AS last \
                FROM pg_sequence s, \
                (SELECT coalesce(max(id)::bigint, 0) AS highest FROM \(schema.table("orders"))) h, \
                (SELECT has_sequence_privilege(q, 'USAGE, UPDATE') AS may, \
                has_sequence_privilege(q, 'USAGE, SELECT') AS sees FROM (SELECT \(schema.sequence) AS q) q) m \
                WHERE s.seqrelid = \(schema.sequence)) l) n
                """, types: [])
    }
}
