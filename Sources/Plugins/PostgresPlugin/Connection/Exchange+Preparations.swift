extension Exchange {
    /// What came of each group, where a statement that was prepared earlier may be the reason of its failure.
    ///
    /// A table has changed meanwhile, or the session has lost what it had prepared: that connection is of no more use,
    /// and a new one is. Or the preparation was to come with a group before, which has failed: that is the reason.
    /// - Parameters:
    ///   - names: Of the statements of each group.
    ///   - earlier: What the connection had prepared before.
    func outcomes(of names: some Collection<[String]>, after earlier: Set<String>) -> [Outcome] {
        guard outcomes.contains(where: { $0.staleness != nil }) else { return outcomes }
        var explained: [Outcome] = []
        // Failures of groups that were to prepare a statement for those behind them.
        var missing: [String: PostgresFailure] = [:]
        for ((outcome, names), group) in zip(zip(outcomes, names), groups) {
            let own = Set(group.compactMap(\.prepares))
            guard case .failure(let failure) = outcome else {
                explained.append(outcome)
                continue
            }
            var reason = failure
            if outcome.staleness != nil {
                if names.contains(where: earlier.contains) {
                    reason = PostgresFailure(.lost, state: failure.state, detail: failure.detail)
                } else if failure.state == "26000", let first = names.lazy.compactMap({ missing[$0] }).first {
                    reason = first
                }
            }
            for name in own where !prepared.contains(name) { missing[name] = missing[name] ?? reason }
            explained.append(.failure(reason))
        }
        return explained
    }
}

extension Exchange.Sent {
    fileprivate var prepares: String? { if case .preparation(let name) = self { name } else { nil } }
}

extension Result where Failure == PostgresFailure {
    /// The server's code where a prepared statement may be the reason of a failure.
    fileprivate var staleness: String? {
        guard case .failure(let failure) = self, failure.kind == .refused else { return nil }
        return ["0A000", "26000"].contains(failure.state) ? failure.state : nil
    }
}
