internal import BlockingThreads
internal import Glibc
public import OrderKernel
internal import SchemaSteps

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
        case .inspect where access(path, F_OK) != 0 && errno != EACCES && errno != ELOOP:
            guard directoryExists else { throw noDirectory }
            try checkLeftFiles()
            return SchemaReport(place: place, steps: Schema.steps.report([:]))
        case .inspect:
            let hasLog = hasLog
            let connection = try connectToLook()
            defer {
                if hasLog { connection.leaveFiles() }
                connection.close()
            }
            let report = SchemaReport(place: place, steps: try Migrator(self, connection).report())
            // Fails where a table is gone though its step was taken.
            if report.missing.isEmpty { _ = try OrderReader(connection) }
            return report
        case .migrate:
            let connection = try connectToWrite()
            defer { connection.close() }
            let turnstile = Turnstile(besides: connection)
            defer { turnstile.close() }
            let migrator = Migrator(self, connection)
            try migrator.migrate(through: turnstile)
            _ = try OrderReader(connection)  // as above
            return SchemaReport(place: place, steps: try migrator.report())
        }
    }
}
