internal import CSQLite
internal import OrderKernel

/// Keeps the write-ahead log bounded.
///
/// Pages go back into the database after the answer to a commit has been given, and seldom: pages that change often are
/// then written once. A reader that holds an old page keeps the log from being used again; beyond ``limit`` the writer
/// waits for such readers.
enum WriteAheadLog {
    /// Bytes of the log that are not exceeded for longer than readers hold on.
    static let limit = ByteCount.mebibytes(64)
    /// Pages in the log from which a commit is followed by a checkpoint: 32 MiB.
    private static let pages: Int32 = 8_192

    /// Whether the log is shorter than a checkpoint is worth.
    static func isShort(on connection: Connection) -> Bool { connection.loggedPages < pages }

    /// Moves the log's pages into the database. Nothing that was committed depends on it.
    static func shorten(on connection: Connection) throws(SQLiteFailure) {
        let isLong = Int(connection.loggedPages) * 4_096 >= limit.bytes
        try connection.checkpoint(isLong ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE)
    }
}
