extension OrderQuery {
    /// Makes sure that such a list may be asked for, as the decoding of a query does: for whoever makes a query itself,
    /// or changes one.
    /// - Throws: `invalid_query` with every parameter that is not as it must be.
    public func check(_ rules: OrderRules) throws(Problem) {
        if isValid(rules) { return }
        try Problem.throwIfAny(errors(rules), .invalidQuery, Self.invalid)
    }

    private func isValid(_ rules: OrderRules) -> Bool {
        Self.limits.contains(limit) && Self.skips.contains(skip) && after ?? 1 > 0
            && woodType.map(rules.allows(woodType:)) ?? true && customerID.map(OrderDraft.isCustomerID) ?? true
    }

    @inline(never)  // keeps the way of what is valid short
    private func errors(_ rules: OrderRules) -> [Problem.MemberError] {
        let checks: [(isKept: Bool, name: String, rule: String)] = [
            (Self.limits.contains(limit), "limit", Self.rule(of: Self.limits)),
            (Self.skips.contains(skip), "skip", Self.rule(of: Self.skips)),
            (after ?? 1 > 0, "after", Self.afterRule),
            (woodType.map(rules.allows(woodType:)) ?? true, "wood_type", rules.woodTypeRule),
            (customerID.map(OrderDraft.isCustomerID) ?? true, "customer_id", OrderDraft.customerIDRule),
        ]
        return checks.filter { !$0.isKept }.map { Problem.MemberError(pointer: "/" + $0.name, detail: $0.rule) }
    }
}
