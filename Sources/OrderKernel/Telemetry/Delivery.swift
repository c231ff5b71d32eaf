internal import Synchronization

/// What was told of the exports of one signal.
final class Delivery: Sendable {
    private struct State {
        var isFailing = false
        /// When it may be told again that they fail.
        var next: Instant?
        var hasToldPart = false
        /// When it may be told again that there was no room.
        var nextRefusal: Instant?
    }

    private let state = Mutex(State())  // protects what was told

    /// - Returns: Whether that is to be told: each change, but not more than one failure in a minute.
    func ended(isFailure: Bool, at now: Instant) -> Bool {
        state.withLock { state in
            guard isFailure != state.isFailing else { return false }
            if isFailure {
                if let next = state.next, now < next { return false }
                state.next = now + .seconds(60)
            }
            state.isFailing = isFailure
            return true
        }
    }

    /// Whether it is to be told that there was no room: once in a minute.
    func isRefusalNews(at now: Instant) -> Bool {
        state.withLock { state in
            if let next = state.nextRefusal, now < next { return false }
            state.nextRefusal = now + .seconds(60)
            return true
        }
    }

    /// Whether never before a part of a batch was taken and the rest not.
    func isFirstPart() -> Bool {
        state.withLock { state in
            defer { state.hasToldPart = true }
            return !state.hasToldPart
        }
    }
}
