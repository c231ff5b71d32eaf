/// Storage fails for a reason that passes.
struct StorageTrouble {
    /// Since when.
    let since: Instant
    /// What it failed with last.
    let error: StorageError

    /// What a write is told that was never given to storage, as its time has run out.
    var lateness: any Error {
        error.kind == .deadlineExceeded ? error : error.with(.unavailable)
    }
}

extension StorageTrouble {
    /// No batch takes so long while all is well.
    private static let longBatch = Duration.seconds(5)

    /// What keeps writes waiting behind a batch that storage was given then, and is not done with.
    /// - Returns: `nil` where that is not long ago.
    init?(stalledSince start: Instant, at now: Instant) {
        guard start + Self.longBatch <= now else { return nil }
        since = start
        error = StorageError(.unavailable, code: "stalled", detail: "the writes before are not done yet")
    }
}
