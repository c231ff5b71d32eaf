/// Most writes of the next batch: fewer while the write is looked for that storage failed on, or after a batch that was
/// too much.
struct BatchLimit {
    private(set) var writes: Int
    private let most: Int
    /// Writes of a batch that was too much; `nil` where none was, or one that was as large went well since.
    private var excess: Int?

    init(most: Int) {
        writes = most
        self.most = most
    }

    /// A batch of that many writes has failed, and is handed over in halves.
    mutating func halve(_ count: Int, isTooMuch: Bool) {
        writes = count / 2
        if isTooMuch { excess = count }
    }

    /// Goes up again, towards what was too much in small steps: each attempt takes its time.
    mutating func enlarge() {
        if let excess, writes >= excess { self.excess = nil }
        let isNear = excess.map { writes * 2 >= $0 } ?? false
        writes = min(most, isNear ? writes + writes / 8 + 1 : writes * 2)
    }
}
