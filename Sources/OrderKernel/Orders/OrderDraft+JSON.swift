extension OrderDraft {
    /// Pieces that one order may have.
    public static let quantities = 1...1_000_000
    /// Unicode scalars of a customer's id, at least and at most.
    public static let customerIDLengths = 1...128

    /// Reads the order that a client wants created.
    /// - Throws: `invalid_json` with the offset for what is not strict JSON; `invalid_order` with every member that is
    ///   missing, unknown, of the wrong type or out of range.
    public static func decode(_ json: UnsafeRawBufferPointer, rules: OrderRules) throws(Problem) -> OrderDraft {
        var object = JSONObject()
        guard try object.read(json) else { throw .noObject }
        return try decode(&object, rules: rules)
    }

    /// Reads from bytes that are borrowed, such as the `span` of an array or of a text's `utf8`, and throws the same.
    public static func decode(_ json: Span<UInt8>, rules: OrderRules) throws(Problem) -> OrderDraft {
        try json.withUnsafeBytes { bytes throws(Problem) in try decode(bytes, rules: rules) }
    }

    /// Takes an order's members out of an object, in which nothing else may be left.
    /// - Throws: `invalid_order` with every member of the object that is not as it must be.
    public static func decode(_ object: inout JSONObject, rules: OrderRules) throws(Problem) -> OrderDraft {
        let customerID = object.takeCustomerID(isRequired: rules.requiresCustomer)
        let woodType = object.takeWoodType(of: rules)
        let quantity = object.takeQuantity()
        let status = object.take("status").flatMap { object.status("status", $0) }
        try object.finish(.invalidOrder, invalid)
        guard let woodType, let quantity else { throw .noObject }
        return OrderDraft(
            customerID: customerID, woodType: woodType, quantity: quantity, status: status ?? .registered)
    }

    /// Whether a text can be a customer's id: ``customerIDLengths`` Unicode scalars, none of general category Cc.
    static func isCustomerID(_ text: String) -> Bool {
        var length = 0
        for scalar in text.unicodeScalars {
            length += 1
            if length > customerIDLengths.upperBound || isControl(scalar) { return false }
        }
        return length >= customerIDLengths.lowerBound
    }

    /// What is said of an order that cannot be created.
    static let invalid = "The order is not as it must be; see errors."
    /// What is said of a number that cannot be a quantity.
    static let quantityRule = "must be an integer from \(quantities.lowerBound) to \(quantities.upperBound)"
    /// What is said of a text that cannot be a customer's id.
    static let customerIDRule =
        "must be a text of \(customerIDLengths.lowerBound) to \(customerIDLengths.upperBound) characters "
        + "without control characters"

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || 0x7f...0x9f ~= scalar.value
    }
}

extension OrderChange {
    /// Reads what a client wants changed: `status`, or `order_status`, its older name.
    /// - Throws: `invalid_json` with the offset for what is not strict JSON; `invalid_order` with every member that is
    ///   missing, unknown, of the wrong type or out of range.
    public static func decode(_ json: UnsafeRawBufferPointer, rules: OrderRules) throws(Problem) -> OrderChange {
        var object = JSONObject()
        guard try object.read(json) else { throw .noObject }
        return try decode(&object, rules: rules)
    }

    /// Reads from bytes that are borrowed, such as the `span` of an array or of a text's `utf8`, and throws the same.
    public static func decode(_ json: Span<UInt8>, rules: OrderRules) throws(Problem) -> OrderChange {
        try json.withUnsafeBytes { bytes throws(Problem) in try decode(bytes, rules: rules) }
    }

    /// Takes an update's members out of an object, in which nothing else may be left.
    /// - Throws: `invalid_order` with every member of the object that is not as it must be.
    public static func decode(_ object: inout JSONObject, rules: OrderRules) throws(Problem) -> OrderChange {
        var status: OrderStatus?
        switch (object.take("status"), object.take("order_status")) {
        case (let value?, nil): status = object.status("status", value)
        case (nil, let value?): status = object.status("order_status", value)
        case (nil, nil): object.refuse("status", "must be given")
        case (_?, _?): object.refuse("order_status", "is the older name of status; give one of them")
        }
        try object.finish(.invalidOrder, "The update is not as it must be; see errors.")
        guard let status else { throw .noObject }
        return OrderChange(status: status)
    }
}

extension Problem {
    /// JSON, but nothing that could be an order or a request.
    public static var noObject: Problem {
        Problem(
            .invalidOrder, "The JSON value must be an object.",
            errors: [MemberError(pointer: "", detail: "must be an object")])
    }
}

extension JSONObject {
    fileprivate mutating func takeCustomerID(isRequired: Bool) -> String? {
        guard let value = take("customer_id"), value.kind != .null else {
            if isRequired { refuse("customer_id", "must be given") }
            return nil
        }
        guard let text = value.string, OrderDraft.isCustomerID(text) else {
            refuse("customer_id", OrderDraft.customerIDRule)
            return nil
        }
        return text
    }

    fileprivate mutating func takeWoodType(of rules: OrderRules) -> String? {
        guard let value = take("wood_type") else {
            refuse("wood_type", "must be given")
            return nil
        }
        guard let text = value.string, rules.allows(woodType: text) else {
            refuse("wood_type", rules.woodTypeRule)
            return nil
        }
        return text
    }

    fileprivate mutating func takeQuantity() -> Int? {
        guard let value = take("quantity") else {
            refuse("quantity", "must be given")
            return nil
        }
        guard case .value(let number) = value.integer, OrderDraft.quantities.contains(Int(number)) else {
            refuse("quantity", OrderDraft.quantityRule)
            return nil
        }
        return Int(number)
    }

    fileprivate mutating func status(_ name: StaticString, _ value: JSONValue) -> OrderStatus? {
        if let status = value.string.flatMap(OrderStatus.init(rawValue:)) { return status }
        refuse(name, "must be one of " + OrderStatus.choices)
        return nil
    }
}

extension OrderStatus {
    /// Every status, for an error's detail.
    static var choices: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
