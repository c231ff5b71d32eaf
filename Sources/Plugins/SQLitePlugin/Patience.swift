internal import Glibc
internal import OrderKernel

/// How long the calls on a connection may take: they wait for locks of others, and reads end when out of time.
///
/// SQLite's own `busy_timeout` waits up to 100 ms between two tries, and starves beside a process that writes without
/// a pause. This one tries again after a short random while.
final class Patience {
    /// Most time to wait for a lock.
    let timeout: Duration
    /// Whether locks are waited for at all: not where others' work would have to wait too.
    var waits = true
    /// When the answer to the call under way comes too late; `nil` where nobody set a deadline.
    var deadline: Instant?
    /// Whether a call under way is given up at ``deadline``: a read is, a commit that has begun is not.
    var endsAtDeadline = false
    /// Whether who waits for a lock is to give way to somebody else; `nil` for never.
    var givesWay: (() -> Bool)?
    /// When the waiting began for several locks together; `nil` where each call counts for itself.
    var waitBegan: Instant?
    private let time: any TimeSource
    private let opening: Abandonment?
    private var callBegan: Instant

    init(timeout: Duration, time: any TimeSource, opening: Abandonment? = nil) {
        self.timeout = timeout
        self.time = time
        self.opening = opening
        self.callBegan = time.now
    }

    /// Has the locks that the body takes waited for together, no longer than for one of them.
    func together(_ body: () throws(SQLiteFailure) -> Void) throws(SQLiteFailure) {
        guard waitBegan == nil else { return try body() }
        waitBegan = time.now
        defer { waitBegan = nil }
        try body()
    }

    /// Has the next calls wait for locks no longer than that.
    func allow(_ duration: Duration) {
        deadline = time.now + duration
        endsAtDeadline = false
    }

    /// Whether a read under way has to end.
    var isOutOfTime: Bool { endsAtDeadline && isLate || opening?.isGivenUp == true }

    /// Whether the deadline has passed.
    var isLate: Bool { deadline.map { time.now >= $0 } ?? false }

    /// Waits a little before the next try to get a lock.
    /// - Parameter attempt: Tries that failed since the call began, from 0.
    /// - Returns: 0 when it has been long enough, as SQLite asks of a busy handler.
    func wait(attempt: Int32) -> Int32 {
        let now = time.now
        if attempt == 0 { callBegan = now }
        let waited = now - (waitBegan ?? callBegan)
        guard waits, !isLate, opening?.isGivenUp != true, waited < timeout, givesWay?() != true else { return 0 }
        usleep(.random(in: 50...500))
        return 1
    }
}
