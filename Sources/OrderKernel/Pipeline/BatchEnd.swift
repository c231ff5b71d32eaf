/// When a batch ends: until then storage tries.
///
/// Writes that came together have about the same deadline, and the last of them counts. A storage that fails lets
/// requests gather whose deadlines differ: then the first of them counts, so that none is answered late, and who would
/// lose much by that waits for the next batch. Ordered inputs have more patience, and then share no batch with
/// requests.
struct BatchEnd {
    private let now: Instant
    private let trouble: StorageTrouble?
    private var requests: Instant?
    private var inputs: Instant?

    /// - Parameter trouble: `nil` while storage takes what it is given.
    init(at now: Instant, trouble: StorageTrouble?) {
        self.now = now
        self.trouble = trouble
    }

    /// When storage need not try any more; `nil` for a batch of nothing. Requests are answered a little earlier than
    /// they must be.
    var deadline: Instant? {
        let requests = requests.map { $0 - min(.milliseconds(25), ($0 - now) / 4) }
        guard let requests, let inputs else { return requests ?? inputs }
        return max(requests, inputs)
    }

    /// - Returns: Whether the write is part of the batch. Where it is not, none behind it is.
    mutating func include(_ write: WaitingWrite) -> Bool {
        let end = write.end(at: now, trouble: trouble)
        let isInput = write.turn != nil
        guard trouble != nil else {
            if isInput { inputs = max(inputs ?? end, end) } else { requests = max(requests ?? end, end) }
            return true
        }
        if isInput {
            guard requests == nil else { return false }
            inputs = max(inputs ?? end, end)
            return true
        }
        guard inputs == nil else { return false }
        if let requests, end > requests + max(.milliseconds(250), (requests - now) / 2) { return false }
        requests = min(requests ?? end, end)
        return true
    }
}
