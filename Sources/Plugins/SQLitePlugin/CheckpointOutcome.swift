internal import OrderKernel

/// What became of a checkpoint, which moves the write-ahead log into the database.
enum CheckpointOutcome {
    case completed
    /// A reader that holds an old page keeps the log, which is that long, from beginning anew.
    case held(ByteCount)
    case failed(SQLiteFailure)
    /// It was not to be run, or not to its end.
    case unfinished
}
