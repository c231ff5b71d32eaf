public import OrderKernel

extension StoragePlugin {
    /// Commits a batch, and again what is postponed of it until it is stored, each time with a flush where the storage
    /// has a ``StoragePlugin/flusher``, as the commit queue does.
    /// - Throws: What ``StoragePlugin/commit(_:)`` and ``StorageFlusher/flush()`` throw; ``StorageError`` where it does
    ///   not give an outcome for each, or postpones them until the deadline.
    public func commitWhole(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        var outcomes = [WriteOutcome](repeating: .postponed, count: batch.writes.count)
        var open = Array(batch.writes.indices)
        while !open.isEmpty {
            let rest = WriteBatch(
                writes: open.map { batch.writes[$0] }, time: batch.time, deadline: batch.deadline, rules: batch.rules)
            let news = try await commit(rest)
            if let flusher { try await flusher.flush() }
            guard news.count == open.count else {
                throw StorageError(
                    .failed, code: "outcomes", detail: "commit gave \(news.count) outcomes for \(open.count) writes")
            }
            for (index, outcome) in zip(open, news) { outcomes[index] = outcome }
            open.removeAll { outcomes[$0] != .postponed }
            if open.isEmpty { break }
            guard .now < batch.deadline, !Task.isCancelled else {
                throw StorageError(
                    .deadlineExceeded, code: "postponed", detail: "\(open.count) writes were postponed again and again")
            }
            try? await Task.sleep(for: .milliseconds(1))  // who holds the orders may need this thread
        }
        return outcomes
    }
}
