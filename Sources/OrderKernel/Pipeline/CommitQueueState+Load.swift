extension CommitQueueState {
    /// What the writes hold that are not patient.
    struct Load {
        private(set) var writes = 0
        private(set) var bytes = 0

        mutating func add(_ write: WaitingWrite) { change(by: 1, write) }
        mutating func remove(_ write: WaitingWrite) { change(by: -1, write) }

        private mutating func change(by count: Int, _ write: WaitingWrite) {
            guard write.turn == nil else { return }
            writes += count
            bytes += count * write.size
        }
    }
}
