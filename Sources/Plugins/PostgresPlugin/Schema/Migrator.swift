internal import OrderKernel

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

    /// A step that the database has taken.
    struct TakenStep {
        let needs: Int64
        let checksum: Int64
    }

    /// Takes the steps that the database has not taken, all or none of them, while nobody else does.
    ///
    /// Where nothing is to be done, nothing is written, so that a role without the right to will do.
    /// - Throws: A failure that is a lock while somebody else does, or holds a table; whatever keeps it from them.
    func migrate() throws(PostgresFailure) {
        let taken = try takenSteps()
        try check(taken)
        guard Schema.steps.contains(where: { taken[$0.version] == nil }) else { return }
        do throws(PostgresFailure) {
            let isAlone = try run([Call(.begin), Call(Self.freeTime), Call(Self.lock)])[2].integer(0, 0) == 1
            guard isAlone else { throw .locked }
            try run([Call(unnamed(schema.text(of: Schema.register)))], for: Self.longPatience)
            let taken = try takenSteps()
            try check(taken)
            for step in Schema.steps where taken[step.version] == nil { try take(step) }
            try run([Call(.commit)], for: Self.longPatience)
        } catch {
            if error.kind != .lost { _ = try? run([Call(.rollback)]) }
            throw error.explained(for: schema)
        }
    }

    /// - Throws: What the database lacks, without changing anything.
    func check() throws(PostgresFailure) {
        let taken = try takenSteps()
        try check(taken)
        let missing = Schema.steps.filter { taken[$0.version] == nil }
        guard missing.isEmpty else {
            throw PostgresFailure(
                .unfit, state: missing[0].version == 1 ? "42P01" : "42703",
                detail:
                    "the schema \(schema.quoted) lacks step \(missing[0].version); `orderd storage migrate` takes it"
            )
        }
    }

    /// The steps that the database has taken, by version.
    func takenSteps() throws(PostgresFailure) -> [Int64: TakenStep] {
        do throws(PostgresFailure) {
            return try readSteps()
        } catch {
            guard error.state == "42501" else { throw error }
            throw PostgresFailure(
                .unfit, state: error.state,
                detail: """
                    \(error.detail); the role needs USAGE on the schema \(schema.quoted) and its sequence, and SELECT, \
                    INSERT, UPDATE and DELETE on its tables
                    """)
        }
    }

    private func readSteps() throws(PostgresFailure) -> [Int64: TakenStep] {
        let there = try run([Call(Self.findTable) { $0.append("\(schema.quoted).order_schema_steps") }])
        guard there[0].count == 1, !there[0].isNull(0, 0) else { return [:] }
        let rows = try run([Call(unnamed("SELECT version, needs, checksum FROM \(schema.quoted).order_schema_steps"))])
        var taken: [Int64: TakenStep] = [:]
        for row in 0..<rows[0].count {
            taken[rows[0].integer(row, 0)] = TakenStep(
                needs: rows[0].integer(row, 1), checksum: rows[0].integer(row, 2))
        }
        return taken
    }

    /// Every step that this program or the database knows, and whether it was taken.
    /// - Throws: Also where the tables are not ours or too new.
    func report() throws(PostgresFailure) -> [SchemaReport.Step] {
        guard try !run([Call(Self.findSchema) { $0.append(schema.quoted) }])[0].isNull(0, 0) else {
            throw PostgresFailure(.unfit, state: "3F000", detail: "").explained(for: schema)
        }
        let taken = try takenSteps()
        try check(taken)
        if taken.isEmpty, try !run([Call(Self.findTable) { $0.append("\(schema.quoted).orders") }])[0].isNull(0, 0) {
            throw PostgresFailure(.unfit, state: "42P07", detail: "orders").explained(for: schema)
        }
        let known = Schema.steps.map { step in
            SchemaReport.Step(
                version: Int(step.version), isTaken: taken[step.version] != nil,
                statements: (step.version == 1 ? [schema.text(of: Schema.register)] : [])
                    + step.statements.map(schema.text) + [record(of: step)])
        }
        let newer = taken.keys.filter { version in !Schema.steps.contains { $0.version == version } }.sorted()
        return known + newer.map { SchemaReport.Step(version: Int($0), isTaken: true, statements: []) }
    }

    private func check(_ taken: [Int64: TakenStep]) throws(PostgresFailure) {
        let known = Schema.steps.last?.version ?? 0
        if let needs = taken.values.map(\.needs).max(), needs > known {
            throw PostgresFailure(
                .unfit, detail: "its schema needs a newer orderd: it asks for version \(needs), this one knows \(known)"
            )
        }
        for step in Schema.steps {
            guard let checksum = taken[step.version]?.checksum, checksum != step.checksum else { continue }
            throw PostgresFailure(
                .unfit, detail: "its schema was not made by this orderd: step \(step.version) differs")
        }
    }

    private func take(_ step: Schema.Step) throws(PostgresFailure) {
        for statement in step.statements {
            try run([Call(unnamed(schema.text(of: statement)))], for: Self.longPatience)
        }
        try run([Call(unnamed(record(of: step)))])
    }

    private func record(of step: Schema.Step) -> String {
        """
        INSERT INTO \(schema.quoted).order_schema_steps (version, needs, checksum) \
        VALUES (\(step.version), \(step.needs), \(step.checksum))
        """
    }

    @discardableResult
    private func run(_ calls: [Call], for duration: Duration? = nil) throws(PostgresFailure) -> [ResultRows] {
        try connection.run(calls, until: .now + (duration ?? patience))
    }

    private func unnamed(_ sql: String) -> Statement { Statement(name: "", sql: sql, types: []) }

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

    private static let findTable = Statement(
        name: "find_table", sql: "SELECT to_regclass($1)::text", types: [.text])
}

extension PostgresFailure {
    /// The failure of a migration, where the operator can mend it.
    fileprivate func explained(for schema: SchemaName) -> PostgresFailure {
        let what: String
        switch state {
        case "42P07":
            what = """
                the schema \(schema.quoted) has a table that is not orderd's: \(detail); name another schema as `schema`
                """
        case "55P03" where self != .locked: what = "another session holds a table: \(detail)"
        case "3F000": what = "there is no schema \(schema.quoted): create it, or name another as `schema`"
        case "42501": what = "the role may not create tables in the schema \(schema.quoted): \(detail)"
        default: return self
        }
        return PostgresFailure(isLock ? .unreachable : .unfit, state: state, constraint: constraint, detail: what)
    }
}
