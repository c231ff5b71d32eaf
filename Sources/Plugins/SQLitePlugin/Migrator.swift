internal import CSQLite
internal import OrderKernel
internal import SchemaSteps

/// Brings a database up to the schema of this program.
struct Migrator {
    private let file: DatabaseFile
    private let connection: Connection

    init(_ file: DatabaseFile, _ connection: Connection) {
        self.file = file
        self.connection = connection
    }

    /// Takes the steps that the database has not taken, all or none of them, while nobody else writes.
    /// - Throws: `SQLiteFailure`, or `PluginError` where the tables are not ours or too new; nothing has changed then.
    func migrate(through turnstile: Turnstile) throws {
        try turnstile.pass(connection.patience) { () throws(SQLiteFailure) in
            try connection.execute("BEGIN IMMEDIATE")
        }
        defer { connection.endTransaction() }
        try connection.execute(Schema.steps.register)
        for step in Schema.steps.missing(from: try takenSteps()) {
            for statement in Schema.steps.statements(of: step) { try connection.execute(statement) }
        }
        try connection.execute("COMMIT")
    }

    /// Every step that this program or the database knows, and whether it was taken; changes nothing.
    /// - Throws: `SQLiteFailure`, or `PluginError` where the tables are not ours or too new.
    func report() throws -> [SchemaReport.Step] {
        let find = try connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_steps'")
        defer { find.reset() }
        return Schema.steps.report(try find.step() ? takenSteps() : [:])
    }

    private func takenSteps() throws -> [Int64: SchemaSteps.Record] {
        let select = try connection.prepare(Schema.steps.selection)
        defer { select.reset() }
        var taken: [Int64: SchemaSteps.Record] = [:]
        while try select.step() {
            taken[select.integer(0)] = SchemaSteps.Record(needs: select.integer(1), checksum: select.integer(2))
        }
        if let objection = Schema.steps.objection(to: taken) {
            throw PluginError("\(file.path) cannot be used: \(objection).")
        }
        return taken
    }
}
