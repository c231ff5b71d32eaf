internal import BlockingThreads
internal import Glibc
public import OrderKernel

extension SQLiteStorage {
    /// Says how the schema of the file is, or brings it up to date; there is none to speak of in RAM.
    public func schema(_ work: SchemaWork) async throws -> SchemaReport? {
        let file = self.file
        if file.isInMemory { return nil }
        let threads = try WorkerThreads.started(1, limit: 1)
        let result = await threads.run { Result { try file.report(after: work) } }
        await threads.close()
        do {
            return try result?.get()
        } catch let error as SQLiteFailure {
            throw file.startError(error)
        }
    }
}

extension DatabaseFile {
    /// A file that is not there is not made by looking at it.
    fileprivate func report(after work: SchemaWork) throws -> SchemaReport {
        let place = "SQLite file \(path)"
        switch work {
        case .inspect where access(path, F_OK) != 0:
            guard directoryExists else { throw noDirectory }
            try checkLeftFiles()
            return SchemaReport(place: place, steps: Schema.report(taken: []))
        case .inspect:
            let connection = try connectToLook()
            defer { connection.close() }
            let report = SchemaReport(place: place, steps: try Migrator.report(on: connection, of: self))
            if report.missing.isEmpty { _ = try OrderReader(connection) }  // fails where a table is gone all the same
            return report
        case .migrate:
            let connection = try connectToWrite()
            defer { connection.close() }
            let turnstile = Turnstile(besides: connection)
            defer { turnstile.close() }
            try Migrator(self, connection).migrate(through: turnstile)
            return SchemaReport(place: place, steps: try Migrator.report(on: connection, of: self))
        }
    }
}

extension Schema {
    /// Every step that this program knows, and those that only the file knows.
    /// - Parameter versions: Those that were taken.
    static func report(taken versions: Set<Int64>) -> [SchemaReport.Step] {
        let known = steps.map { step in
            let statements = step.sql.split(separator: ";\n").map {
                $0.hasSuffix(";") ? String($0.dropLast()) : String($0)
            }
            let record = """
                INSERT INTO schema_steps (version, needs, checksum) \
                VALUES (\(step.version), \(step.needs), \(step.checksum))
                """
            return SchemaReport.Step(
                version: Int(step.version), isTaken: versions.contains(step.version),
                statements: (step.version == 1 ? [register] : []) + statements + [record])
        }
        let newer = versions.subtracting(steps.map(\.version)).sorted()
        return known + newer.map { SchemaReport.Step(version: Int($0), isTaken: true, statements: []) }
    }
}
