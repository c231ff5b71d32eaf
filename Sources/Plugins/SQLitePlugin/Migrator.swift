internal import CSQLite
internal import OrderKernel

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
        try connection.execute(Schema.register)
        let taken = try takenSteps()
        try check(taken)
        for step in Schema.steps where taken[step.version] == nil { try take(step) }
        try connection.execute("COMMIT")
    }

    /// Every step that this program or the database knows, and whether it was taken; changes nothing.
    /// - Throws: `SQLiteFailure`, or `PluginError` where the tables are not ours or too new.
    static func report(on connection: Connection, of file: DatabaseFile) throws -> [SchemaReport.Step] {
        let find = try connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_steps'")
        defer { find.reset() }
        guard try find.step() else { return Schema.report(taken: []) }
        let migrator = Migrator(file, connection)
        let taken = try migrator.takenSteps()
        try migrator.check(taken)
        return Schema.report(taken: Set(taken.keys))
    }

    private func takenSteps() throws(SQLiteFailure) -> [Int64: (needs: Int64, checksum: Int64)] {
        let select = try connection.prepare("SELECT version, needs, checksum FROM schema_steps")
        defer { select.reset() }
        var taken: [Int64: (needs: Int64, checksum: Int64)] = [:]
        while try select.step() { taken[select.integer(0)] = (select.integer(1), select.integer(2)) }
        return taken
    }

    private func check(_ taken: [Int64: (needs: Int64, checksum: Int64)]) throws(PluginError) {
        let known = Schema.steps.last?.version ?? 0
        if let needs = taken.values.map(\.needs).max(), needs > known {
            throw PluginError(
                "\(file.path) needs a newer orderd: its schema asks for version \(needs), this one knows \(known).")
        }
        for step in Schema.steps {
            guard let checksum = taken[step.version]?.checksum, checksum != step.checksum else { continue }
            throw PluginError("\(file.path) was not made by this orderd: schema step \(step.version) differs.")
        }
    }

    private func take(_ step: Schema.Step) throws(SQLiteFailure) {
        try connection.execute(step.sql)
        let insert = try connection.prepare("INSERT INTO schema_steps (version, needs, checksum) VALUES (?1, ?2, ?3)")
        try insert.bind(step.version, at: 1)
        try insert.bind(step.needs, at: 2)
        try insert.bind(step.checksum, at: 3)
        try insert.run()
    }
}
