/// Whether storage takes very long for a batch, and whether that was told.
struct StorageStall {
    private enum Phase {
        case none
        case told
        /// It was told, and a batch has been committed since.
        case over
    }

    /// How long storage takes for a batch when it is told: longer than a storage that is away mostly takes to say so.
    private static let patience = Duration.seconds(10)

    private var phase = Phase.none
    /// When the flush began that is under way.
    var flushStart: Instant?

    /// Whether there is anything to look at while nothing is committed.
    var isUnderWay: Bool { flushStart != nil || phase == .over }

    mutating func noteCommit() {
        if phase == .told { phase = .over }
    }

    /// - Parameter start: When the commit began that is under way.
    /// - Returns: Whether storage takes very long, where that is to be told.
    mutating func look(since start: Instant?, at now: Instant) -> Bool? {
        let isLong = [start, flushStart].contains { $0.map { $0 + Self.patience <= now } ?? false }
        switch (phase, isLong) {
        case (.none, true):
            phase = .told
            return true
        case (.over, false):
            phase = .none
            return false
        case (.over, true): phase = .told
        case (.none, false), (.told, _): break
        }
        return nil
    }
}
