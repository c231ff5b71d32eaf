/// Storage fails for a reason that passes.
struct StorageTrouble {
    /// Since when.
    let since: Instant
    /// What it failed with last.
    let error: StorageError

    /// What a write is told that was never given to storage, as its time has run out.
    var lateness: any Error {
        if error.kind == .deadlineExceeded { return OrderError.deadlineExceeded }
        return error.with(.unavailable)
    }
}
