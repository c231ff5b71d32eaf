extension OrderQuery {
    /// Reads a query from the decoded parameters of a URL.
    /// - Throws: `invalid_query` with every parameter that is unknown, given twice or not as it must be; the pointers
    ///   name the parameters as if they were members of one object.
    public static func decode(
        parameters: [(name: String, value: String)], rules: OrderRules
    ) throws(Problem) -> OrderQuery {
        var reading = QueryReading(rules: rules)
        for (name, value) in parameters {
            reading.read(name, QueryValue(text: value, integer: Int(value).flatMap { String($0) == value ? $0 : nil }))
        }
        reading.finish()
        try Problem.throwIfAny(reading.errors, .invalidQuery, OrderQuery.invalid)
        return reading.query
    }

    /// Takes a query's members out of an object, in which nothing else may be left.
    /// - Throws: `invalid_query` with every member of the object that is not as it must be.
    public static func decode(_ object: inout JSONObject, rules: OrderRules) throws(Problem) -> OrderQuery {
        var reading = QueryReading(rules: rules)
        for (name, value) in object.takeRest() {
            reading.read(name, QueryValue(value))
        }
        reading.finish()
        object.refuse(reading.errors)
        try object.finish(.invalidQuery, OrderQuery.invalid)
        return reading.query
    }

    /// What is said of a query that cannot be asked.
    static let invalid = "The query is not as it must be; see errors."
    /// What is said of a position that is none.
    static let afterRule = "is no position that a list in this order gave"

    /// What is said of a number that is outside of its range.
    static func rule(of range: ClosedRange<Int>) -> String {
        "must be an integer from \(range.lowerBound) to \(range.upperBound)"
    }
}

/// A parameter's value, from a URL or from JSON.
private struct QueryValue {
    let text: String?
    let integer: Int?

    init(text: String?, integer: Int?) {
        self.text = text
        self.integer = integer
    }

    init(_ value: JSONValue) {
        text = value.string
        integer = if case .value(let number) = value.integer { Int(number) } else { nil }
    }
}

/// A query while its parameters are read, and what is wrong with them.
private struct QueryReading {
    let rules: OrderRules
    private(set) var query = OrderQuery()
    private(set) var errors: [Problem.MemberError] = []
    private var cursor: QueryValue?
    private var seen = Set<String>()

    init(rules: OrderRules) {
        self.rules = rules
    }

    mutating func read(_ name: String, _ value: QueryValue) {
        switch name {
        case "limit": query.limit = integer(name, value, in: OrderQuery.limits)
        case "skip": query.skip = integer(name, value, in: OrderQuery.skips)
        case "after": cursor = value
        case "status": query.status = choice(name, value, OrderStatus.allCases, \.rawValue)
        case "wood_type": query.woodType = woodType(name, value)
        case "customer_id": query.customerID = customerID(name, value)
        case "order":
            let direction = choice(name, value, [OrderQuery.Direction.ascending, .descending], \.name)
            query.direction = direction ?? .ascending
        default: return refuse(name, JSONObject.unknown)
        }
        if !seen.insert(name).inserted { refuse(name, "is given twice") }
    }

    /// Reads the cursor, which belongs to a direction.
    mutating func finish() {
        guard let cursor else { return }
        query.after = cursor.text.flatMap(query.id(after:))
        if query.after == nil { refuse("after", OrderQuery.afterRule) }
    }

    private mutating func refuse(_ name: String, _ detail: String) {
        errors.append(Problem.MemberError(pointer: JSONPointer.component(name), detail: detail))
    }

    private mutating func integer(_ name: String, _ value: QueryValue, in range: ClosedRange<Int>) -> Int {
        if let integer = value.integer, range.contains(integer) { return integer }
        refuse(name, OrderQuery.rule(of: range))
        return range.lowerBound
    }

    private mutating func choice<Choice>(
        _ name: String, _ value: QueryValue, _ choices: [Choice], _ text: KeyPath<Choice, String>
    ) -> Choice? {
        if let choice = choices.first(where: { $0[keyPath: text] == value.text }) { return choice }
        refuse(name, "must be one of " + choices.map { $0[keyPath: text] }.joined(separator: ", "))
        return nil
    }

    private mutating func woodType(_ name: String, _ value: QueryValue) -> String? {
        if let text = value.text, rules.allows(woodType: text) { return text }
        refuse(name, rules.woodTypeRule)
        return nil
    }

    private mutating func customerID(_ name: String, _ value: QueryValue) -> String? {
        if let text = value.text, OrderDraft.isCustomerID(text) { return text }
        refuse(name, OrderDraft.customerIDRule)
        return nil
    }
}

extension OrderQuery.Direction {
    /// What clients call the direction.
    fileprivate var name: String {
        switch self {
        case .ascending: "asc"
        case .descending: "desc"
        }
    }
}
