extension OrderDraft {
    /// Makes sure that such an order may be created, as ``decode(_:rules:)-swift.type.method`` does with what a client
    /// says: for whoever makes a draft itself, or changes one.
    /// - Throws: `invalid_order` with every member that is not as it must be.
    public func check(_ rules: OrderRules) throws(Problem) {
        if isValid(rules) { return }
        try Problem.throwIfAny(errors(rules), .invalidOrder, Self.invalid)
    }

    private func isValid(_ rules: OrderRules) -> Bool {
        Self.quantities.contains(quantity) && rules.allows(woodType: woodType) && isCustomerValid(rules)
    }

    private func isCustomerValid(_ rules: OrderRules) -> Bool {
        customerID.map(Self.isCustomerID) ?? !rules.requiresCustomer
    }

    @inline(never)  // keeps the way of what is valid short
    private func errors(_ rules: OrderRules) -> [Problem.MemberError] {
        var errors: [Problem.MemberError] = []
        if !isCustomerValid(rules) {
            let detail = customerID == nil ? "must be given" : Self.customerIDRule
            errors.append(Problem.MemberError(pointer: "/customer_id", detail: detail))
        }
        if !rules.allows(woodType: woodType) {
            errors.append(Problem.MemberError(pointer: "/wood_type", detail: rules.woodTypeRule))
        }
        if !Self.quantities.contains(quantity) {
            errors.append(Problem.MemberError(pointer: "/quantity", detail: Self.quantityRule))
        }
        return errors
    }
}
