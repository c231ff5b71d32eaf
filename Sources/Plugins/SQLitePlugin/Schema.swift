/// The tables, as a list of steps that only grows.
///
/// The file records which steps were taken, and the oldest schema that a program must know to use it. A program takes
/// the steps that it has and the file has not; it leaves newer ones alone as long as it is new enough to use them. So a
/// rolling update and a step back both work.
enum Schema {
    /// One step. A step that was released is never changed.
    struct Step {
        /// From 1, without a gap.
        let version: Int64
        /// The oldest version that can still read and write the tables after this step.
        let needs: Int64
        let sql: String

        /// FNV-1a with 64 bits over the statements, as published by Fowler, Noll and Vo.
        var checksum: Int64 {
            let hash = sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
            return Int64(bitPattern: hash)
        }
    }

    /// The table of the steps that were taken: made before the first of them.
    static let register = """
        CREATE TABLE IF NOT EXISTS schema_steps (
            version INTEGER PRIMARY KEY,
            needs INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT
        """

    static let steps = [
        Step(
            version: 1, needs: 1,
            sql: """
                CREATE TABLE orders (
                    id INTEGER PRIMARY KEY,
                    customer_id TEXT,
                    wood_type TEXT NOT NULL,
                    quantity INTEGER NOT NULL,
                    status TEXT NOT NULL,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    revision INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX orders_status_id ON orders (status, id);
                CREATE INDEX orders_customer_id ON orders (customer_id, id);
                CREATE TABLE idempotency_keys (
                    principal TEXT NOT NULL,
                    key TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    order_id INTEGER NOT NULL REFERENCES orders (id),
                    PRIMARY KEY (principal, key)
                ) WITHOUT ROWID, STRICT;
                """),
        Step(version: 2, needs: 1, sql: "CREATE INDEX orders_wood_type_id ON orders (wood_type, id)"),
    ]
}
