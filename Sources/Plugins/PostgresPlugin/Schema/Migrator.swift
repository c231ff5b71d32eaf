internal import OrderKernel
internal import SchemaSteps

/// Brings a database up to the schema of this program, over one connection.
struct Migrator {
    private let schema: SchemaName
    private let connection: Connection
    /// How long an answer is waited for, but for those of steps.
    private let patience: Duration
    /// How long a step is waited for: indexes on many orders take their time, and making them last does.
    private static let longPatience = Duration.seconds(3_600)

    /// - Parameter timeout: Longest time that the server works on one statement, but for those of steps.
    init(_ schema: SchemaName, _ connection: Connection, timeout: Duration) {
        self.schema = schema
        self.connection = connection
        patience = timeout + .seconds(1)
    }

    /// Takes the steps that the database has not taken, all or none of them, while nobody else does.
    ///
    /// Where nothing is to be done, nothing is written, so that a role without the right to will do.
    /// - Throws: A failure that is a lock while somebody else does, or holds a table; whatever keeps it from them.
    func migrate() throws(PostgresFailure) {
        guard try !missingSteps().isEmpty else { return try checkVital() }
        do throws(PostgresFailure) {
            let isAlone = try run([Call(.begin), Call(Self.freeTime), Call(Self.lock)])[2].integer(0, 0) == 1
            guard isAlone else { throw .locked }
            try take(Schema.steps.register)
            for step in try missingSteps() {
                for statement in Schema.steps.statements(of: step) { try take(statement) }
            }
            try run([Call(.commit)], for: Self.longPatience)
        } catch {
            if error.kind != .lost { _ = try? run([Call(.rollback)]) }
            throw error.explained(for: schema)
        }
    }

    /// - Throws: What the database lacks, without changing anything.
    func check() throws(PostgresFailure) {
        let versions = try missingSteps().map(\.version)
        guard let first = versions.first else { return try checkVital() }
        try checkSchema()
        let words =
            versions.count == 1 ? "step \(first)" : "the steps \(versions.map(String.init).joined(separator: ", "))"
        throw PostgresFailure(
            .unfit, state: first == 1 ? "42P01" : "42703",
            detail: "the schema \(schema.quoted) lacks \(words); see `orderd storage migrate`")
    }

    /// - Throws: Where there is no such schema, which only the operator makes.
    private func checkSchema() throws(PostgresFailure) {
        guard try !run([Call(Self.findSchema) { $0.append(schema.quoted) }])[0].isNull(0, 0) else {
            throw PostgresFailure(.unfit, state: "3F000", detail: "").explained(for: schema)
        }
    }

    private func missingSteps() throws(PostgresFailure) -> [SchemaSteps.Step] {
        Schema.steps.missing(from: try takenSteps())
    }

    /// The steps that the database has taken, by version.
    /// - Throws: Also where the tables are not ours or too new.
    private func takenSteps() throws(PostgresFailure) -> [Int64: SchemaSteps.Record] {
        let taken: [Int64: SchemaSteps.Record]
        do throws(PostgresFailure) {
            taken = try readSteps()
        } catch {
            throw error.namingRights(in: schema)
        }
        if let objection = Schema.steps.objection(to: taken) { throw PostgresFailure(.unfit, detail: objection) }
        return taken
    }

    private func readSteps() throws(PostgresFailure) -> [Int64: SchemaSteps.Record] {
        guard try exists("order_schema_steps") else { return [:] }
        let rows: ResultRows
        do throws(PostgresFailure) {
            rows = try run([Call(unnamed(Schema.steps.selection))])[0]
        } catch {
            guard error.state == "57014" else { throw error }
            throw PostgresFailure(
                .unreachable, state: PostgresFailure.locked.state,
                detail: "another session may hold the table order_schema_steps: \(error.detail)")
        }
        var taken: [Int64: SchemaSteps.Record] = [:]
        for row in 0..<rows.count {
            taken[rows.integer(row, 0)] = SchemaSteps.Record(
                needs: rows.integer(row, 1), checksum: rows.integer(row, 2))
        }
        return taken
    }

    /// Every step that this program or the database knows, and whether it was taken.
    /// - Throws: Also where the tables are not ours, too new, or incomplete although all steps were taken.
    func report() throws(PostgresFailure) -> [SchemaReport.Step] {
        try checkSchema()
        let taken = try takenSteps()
        if taken.isEmpty, try exists("orders") {
            throw PostgresFailure(.unfit, state: "42P07", detail: "orders").explained(for: schema)
        }
        if Schema.steps.missing(from: taken).isEmpty { try checkVital() }
        return Schema.steps.report(taken).map { step in
            SchemaReport.Step(
                version: step.version, isTaken: step.isTaken, statements: step.statements.map(schema.text))
        }
    }

    /// - Throws: Where somebody has taken away what the steps have made, or altered what orders are read from.
    private func checkVital() throws(PostgresFailure) {
        for name in Schema.vital where !(try exists(name)) {
            throw PostgresFailure(
                .unfit, state: "42P01",
                detail: """
                    the schema \(schema.quoted) has lost \(name), which orderd had made: restore it, as a backup or \
                    `orderd storage plan` on an empty database has it
                    """)
        }
        let columns = try run([Call(Self.columns) { $0.append(schema.table("orders")) }])[0]
        for row in 0..<columns.count {
            guard let name = columns.text(row, 0), let column = OrderColumn.all.first(where: { $0.name == name }),
                !column.fits(UInt32(truncatingIfNeeded: columns.integer(row, 2)))
            else { continue }
            let type = columns.text(row, 1) ?? "of another type"
            throw PostgresFailure(
                .unfit,
                detail: """
                    the column \(name) of orders in the schema \(schema.quoted) is \(type), and would be misread: \
                    alter it to \(column.type)
                    """)
        }
    }

    private func exists(_ table: String) throws(PostgresFailure) -> Bool {
        try !run([Call(Self.findTable) { $0.append(schema.table(table)) }])[0].isNull(0, 0)
    }

    private func take(_ statement: String) throws(PostgresFailure) {
        try run([Call(unnamed(statement))], for: Self.longPatience)
    }

    @discardableResult
    private func run(_ calls: [Call], for duration: Duration? = nil) throws(PostgresFailure) -> [ResultRows] {
        try connection.run(calls, until: .now + (duration ?? patience))
    }

    private func unnamed(_ sql: String) -> Statement { Statement(name: "", sql: schema.text(of: sql), types: []) }

    /// A step may take its time, but who waits for a lock on a table holds up everybody who comes after it.
    private static let freeTime = Statement(
        name: "migration_patience",
        sql: """
            SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '1000', true), \
            set_config('synchronous_commit', 'on', true)
            """, types: [])

    /// Held until the transaction ends. The number is this program's own, made from its name.
    private static let lock = Statement(
        name: "migration_lock", sql: "SELECT pg_try_advisory_xact_lock(8029460118413238884)::int::bigint", types: [])

    private static let findSchema = Statement(
        name: "find_schema", sql: "SELECT to_regnamespace($1)::text", types: [.text])

    private static let columns = Statement(
        name: "order_columns",
        sql: """
            WITH RECURSIVE columns (name, type, base) AS (\
            SELECT attname::text, format_type(atttypid, atttypmod), atttypid FROM pg_attribute \
            WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped \
            UNION ALL SELECT name, type, typbasetype FROM columns JOIN pg_type ON oid = base WHERE typbasetype <> 0) \
            SELECT name, type, base::bigint FROM columns JOIN pg_type ON oid = base WHERE typbasetype = 0
            """, types: [.text])

    private static let findTable = Statement(
        name: "find_table", sql: "SELECT to_regclass($1)::text", types: [.text])
}

extension PostgresFailure {
    /// Where the role lacks one, all the rights that serving needs.
    func namingRights(in schema: SchemaName) -> PostgresFailure {
        guard state == "42501" else { return self }
        return PostgresFailure(
            .unfit, state: state,
            detail: """
                \(detail); the role needs USAGE on the schema \(schema.quoted) and its sequence, and SELECT, INSERT, \
                UPDATE and DELETE on its tables
                """)
    }

    /// The failure of a migration, where the operator can mend it.
    fileprivate func explained(for schema: SchemaName) -> PostgresFailure {
        let what: String
        switch state {
        case "42P07":
            what = """
                the schema \(schema.quoted) has tables that are not orderd's, or lacks its record of them: \(detail); \
                name another schema as `schema`, or restore order_schema_steps
                """
        case "55P03" where self != .locked: what = "another session holds a table: \(detail)"
        case "3F000": what = "there is no schema \(schema.quoted): create it, or name another as `schema`"
        case "42501": what = "the role may not create tables in the schema \(schema.quoted): \(detail)"
        default: return self
        }
        return PostgresFailure(isLock ? .unreachable : .unfit, state: state, constraint: constraint, detail: what)
    }
}
