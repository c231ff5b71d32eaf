internal import OrderKernel

/// Since when nothing happens on a connection, as far as the looks at it have shown.
///
/// A look now and then costs the requests nothing, neither a timer nor a reading of the clock; a connection is cut up
/// to two looks later than its limit says, never earlier.
struct ConnectionWatch {
    private var phase: ConnectionState.Phase?
    private var steps = 0
    private var since = Instant.now
    /// Bytes that waited for the client when its time was last up.
    private var outstanding = 0

    /// Whether the connection has been in one phase for longer than that may last.
    mutating func isOverdue(
        _ phase: ConnectionState.Phase, steps: Int, at now: Instant, limits: HTTPTransport.Limits
    ) -> Bool {
        guard phase == self.phase, steps == self.steps else {
            (self.phase, self.steps, since) = (phase, steps, now)
            return false
        }
        guard let limit = limits.limit(of: phase) else { return false }
        return now - since >= limit
    }

    /// Whether the client takes nothing of what waits for it either; it gets as much time again if it does.
    mutating func isStuck(at now: Instant, outstanding: Int) -> Bool {
        defer { self.outstanding = outstanding }
        guard outstanding > 0, outstanding != self.outstanding else { return true }
        since = now
        return false
    }
}

extension HTTPTransport.Limits {
    /// How long a client is given to close its half after the last answer.
    private static let farewell = Duration.seconds(2)

    /// How long a connection may wait without anything happening; `nil` for what has a deadline of its own.
    fileprivate func limit(of phase: ConnectionState.Phase) -> Duration? {
        switch phase {
        case .head: header
        case .body, .delivery: bodyPiece
        case .idle: idle
        case .farewell: Self.farewell
        case .answer: nil
        }
    }

    /// How often to look, so that no limit is overstepped by much.
    var sweepInterval: Duration {
        max(.milliseconds(5), min(header, bodyPiece, idle, deadline, Self.farewell) / 8)
    }
}
