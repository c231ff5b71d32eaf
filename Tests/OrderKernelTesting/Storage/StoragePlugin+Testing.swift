public import OrderKernel

extension StoragePlugin {
    /// Commits a batch, and again what is postponed of it until it is stored, as the commit queue does.
    /// - Throws: What ``StoragePlugin/commit(_:)`` throws.
    public func commitWhole(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        var outcomes = [WriteOutcome](repeating: .postponed, count: batch.writes.count)
        var open = Array(batch.writes.indices)
        while !open.isEmpty {
            let rest = WriteBatch(
                writes: open.map { batch.writes[$0] }, time: batch.time, deadline: batch.deadline, rules: batch.rules)
            for (index, outcome) in zip(open, try await commit(rest)) { outcomes[index] = outcome }
            open.removeAll { outcomes[$0] != .postponed }
        }
        return outcomes
    }
}
