internal import OrderKernel
internal import Synchronization

/// The connection that writes, for one at a time, and the log that it writes to.
final class WriterSeat: Sendable {
    private let seat: Mutex<OrderWriter?>  // protects the connection that writes, which in RAM is read from too
    let log: WriteAheadLog?
    /// The file that is written to, wherever a link at the profile's path leads by now.
    private let file: DatabaseFile
    /// Of that file.
    private let identity: FileIdentity?
    /// What SQLite keeps beside it; `nil` in RAM.
    private let companions: Companions?

    init(_ file: DatabaseFile, _ reports: CheckpointReports) throws {
        let commits = DurableCommits()
        let writer = try OrderWriter.open(file, commits: commits)
        let file = file.isInMemory ? file : file.at(writer.connection.filePath)
        self.file = file
        identity = FileIdentity(ofFileAt: file.path)
        companions = file.isInMemory ? nil : writer.connection.companions
        do {
            log =
                file.isInMemory
                ? nil
                : try WriteAheadLog(
                    of: file, besides: writer.connection, commits: commits, reports: reports)
        } catch {
            writer.close()
            throw error
        }
        seat = Mutex(writer)
    }

    /// Has the connection for a while; fails when it was closed.
    func use<R: Sendable>(
        _ body: @Sendable (OrderWriter) throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R {
        try seat.withLock { (writer) throws(SQLiteFailure) in
            guard let writer else { throw .closed }
            return try body(writer)
        }
    }

    /// Has the connection for a while; `nil` when somebody else has it.
    func useAtOnce<R: Sendable>(
        _ body: @Sendable (OrderWriter) throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R? {
        try seat.withLockIfAvailable { (writer) throws(SQLiteFailure) in
            guard let writer else { throw .closed }
            return try body(writer)
        }
    }

    /// Runs a transaction, after putting right what an earlier one could not make durable.
    /// - Parameters:
    ///   - deadline: Until when locks of others are waited for; `nil` for as long as the profile has it.
    ///   - isUnwanted: Whether they are waited for no more.
    func write<R: Sendable>(
        before deadline: Instant?, unless isUnwanted: @escaping @Sendable () -> Bool,
        _ body: @Sendable (OrderWriter) throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R {
        try use { [log] (writer) throws(SQLiteFailure) in
            let patience = writer.connection.patience
            (patience.deadline, patience.endsAtDeadline, patience.givesWay) = (deadline, false, isUnwanted)
            defer { patience.givesWay = nil }
            do throws(SQLiteFailure) {
                try log?.putRight(on: writer.connection)
                return try body(writer)
            } catch {
                if error.isOfShortenedLog { log?.keepAll(because: .logShortened) }
                throw error
            }
        }
    }

    func close() {
        seat.withLock { writer in
            if let outcome = writer?.close(leavingLog: log?.keepsAll ?? false) { log?.note(outcome) }
            writer = nil
        }
    }

    /// Connections that read the same file; `nil` in RAM, which has one connection for everything.
    func readers() -> ReaderPool? { file.isInMemory ? nil : ReaderPool(file, identity, companions) }

    /// Whether the files are those that were opened, as far as can be seen without a connection.
    var isIntact: Bool {
        companions.map { $0.state == .intact && FileIdentity.size(ofFileAt: file.path) != 0 } ?? true
    }
}
