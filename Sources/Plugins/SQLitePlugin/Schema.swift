internal import SchemaSteps

enum Schema {
    /// The tables in a SQLite file. The first step was released with a `;` at its end.
    static let steps = SchemaSteps(
        recordedIn: "schema_steps",
        register: """
            CREATE TABLE IF NOT EXISTS schema_steps (
                version INTEGER PRIMARY KEY,
                needs INTEGER NOT NULL,
                checksum INTEGER NOT NULL
            ) STRICT
            """,
        [
            SchemaSteps.Step(
                version: 1, needs: 1,
                statements: [
                    """
                    CREATE TABLE orders (
                        id INTEGER PRIMARY KEY,
                        customer_id TEXT,
                        wood_type TEXT NOT NULL,
                        quantity INTEGER NOT NULL,
                        status TEXT NOT NULL,
                        created_at INTEGER NOT NULL,
                        updated_at INTEGER NOT NULL,
                        revision INTEGER NOT NULL
                    ) STRICT
                    """,
                    "CREATE INDEX orders_status_id ON orders (status, id)",
                    "CREATE INDEX orders_customer_id ON orders (customer_id, id)",
                    """
                    CREATE TABLE idempotency_keys (
                        principal TEXT NOT NULL,
                        key TEXT NOT NULL,
                        digest BLOB NOT NULL,
                        order_id INTEGER NOT NULL REFERENCES orders (id),
                        PRIMARY KEY (principal, key)
                    ) WITHOUT ROWID, STRICT;
                    """,
                ]),
            SchemaSteps.Step(
                version: 2, needs: 1,
                statements: ["CREATE INDEX orders_wood_type_id ON orders (wood_type, id)"]),
        ])
}
