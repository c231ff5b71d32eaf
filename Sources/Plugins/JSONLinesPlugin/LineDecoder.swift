import OrderKernel

/// What a line is meant to do.
enum LineOperation: String {
    case create, get, list, update

    var changesOrders: Bool { self == .create || self == .update }
}

/// What one line asks for.
struct DecodedLine {
    /// `nil` where it does not say so.
    let meant: LineOperation?
    let operation: OrderRequest.Operation
    /// The `ref` member as it came, with its quotes; `nil` where there is none that could be repeated.
    let ref: [UInt8]?
    /// The trace that the line belongs to; `nil` where it names none.
    var trace: LineTrace?
}

/// What a line says of its trace: the members `traceparent`, `tracestate`, `baggage` and `b3`, as HTTP has header
/// fields.
struct LineTrace: RequestMetadata {
    fileprivate var values: [(name: String, value: String)] = []

    func values(for name: String) -> [String] {
        values.filter { $0.name == name.lowercased() }.map(\.value)
    }
}

/// Reads lines as requests.
struct LineDecoder {
    /// Most bytes of a `ref` in UTF-8, however it is escaped.
    static let longestRef = 255

    private let rules: OrderRules
    private var object = JSONObject()
    private var inner = JSONObject()
    /// What the line that is read is meant to do; `nil` where it does not say so.
    private var meant: LineOperation?

    init(rules: OrderRules) {
        self.rules = rules
    }

    /// Reads one line; what cannot be read becomes `undecodable`.
    mutating func decode(_ line: UnsafeRawBufferPointer) -> DecodedLine {
        var ref: [UInt8]?
        var trace: LineTrace?
        meant = nil
        do throws(Problem) {
            guard try object.read(line) else { throw .noObject }
            ref = takeRef()
            trace = takeTrace()
            let operation = try operation()
            return DecodedLine(meant: meant, operation: operation, ref: ref, trace: trace)
        } catch {
            let problem = LineLook.explained(error, line)
            return DecodedLine(
                meant: meant, operation: .undecodable(problem, changesOrders: meant?.changesOrders), ref: ref,
                trace: trace)
        }
    }

    /// What cannot be a trace counts as none: the order is worth more.
    private mutating func takeTrace() -> LineTrace? {
        var trace: LineTrace?
        for name in ["traceparent", "tracestate", "baggage", "b3"] as [StaticString] {
            guard let text = object.take(name)?.string else { continue }
            trace = trace ?? LineTrace()
            trace?.values.append((name.description, text))
        }
        return trace
    }

    private mutating func takeRef() -> [UInt8]? {
        guard let value = object.take("ref") else { return nil }
        let isShort = value.bytes.count <= Self.longestRef + 2
        guard value.kind == .string, isShort || value.string?.utf8.count ?? .max <= Self.longestRef else {
            object.refuse("ref", "must be a text of at most \(Self.longestRef) bytes")
            return nil
        }
        return Array(value.bytes)
    }

    private mutating func operation() throws(Problem) -> OrderRequest.Operation {
        guard let name = object.take("op") else {
            meant = .create
            let key = try takeKey()
            return .create(try OrderDraft.decode(&object, rules: rules), key: key)
        }
        meant = name.string.flatMap { LineOperation(rawValue: $0) }
        switch meant {
        case .create: return try create()
        case .get: return .get(try takeID { object throws(Problem) in try object.finish(.invalidOrder, Self.detail) })
        case .list: return .list(try OrderQuery.decode(&object, rules: rules))
        case .update: return try update()
        case nil:
            let error = Problem.MemberError(pointer: "/op", detail: "must be one of create, get, list, update")
            throw Problem(.invalidOrder, Self.detail, errors: [error])
        }
    }

    private mutating func create() throws(Problem) -> OrderRequest.Operation {
        let key = try takeKey()
        guard let order = object.take("order") else {
            object.refuse("order", "must be given")
            try object.finish(.invalidOrder, Self.detail)
            throw Problem(.invalidOrder, Self.detail)
        }
        var draft: OrderDraft?
        do throws(Problem) {
            if try inner.read(order.bytes, at: "/order") {
                draft = try OrderDraft.decode(&inner, rules: rules)
            } else {
                object.refuse("order", "must be an object")
            }
        } catch {
            object.refuse(error.errors)
        }
        try object.finish(.invalidOrder, Self.detail)
        guard let draft else { throw Problem(.invalidOrder, Self.detail) }
        return .create(draft, key: key)
    }

    private mutating func update() throws(Problem) -> OrderRequest.Operation {
        var revisions: [Int]?
        switch object.take("if_revision")?.integer {
        case nil: break
        case .value(let number): revisions = [Int(number)]
        case .tooLarge: revisions = []  // no order has it
        case .notInteger: object.refuse("if_revision", "must be an integer")
        }
        var change = OrderChange(status: .unknown)
        let rules = rules
        let id = try takeID { object throws(Problem) in change = try OrderChange.decode(&object, rules: rules) }
        change.ifRevision = revisions
        return .update(id, change)
    }

    /// Takes the order's id, then has the other members judged, so that a wrong one is told before an unknown order.
    private mutating func takeID(
        _ judgeOthers: (inout JSONObject) throws(Problem) -> Void
    ) throws(Problem) -> Order.ID {
        let value = object.take("id")
        if value == nil { object.refuse("id", "must be given") }
        if value?.integer == .notInteger { object.refuse("id", "must be an integer") }
        try judgeOthers(&object)
        guard let value, case .value(let id) = value.integer else {
            let digits = value.map { String(decoding: $0.bytes.prefix(32), as: UTF8.self) } ?? ""
            throw Problem(.unknownOrder, "There is no order \(digits).")
        }
        return id
    }

    /// - Throws: `bad_request`, as a bad `Idempotency-Key` over HTTP.
    private mutating func takeKey() throws(Problem) -> String? {
        guard let value = object.take("key") else { return nil }
        guard let key = value.string, IdempotencyKey.allows(key) else {
            throw Problem(
                .badRequest, "The idempotency key \(IdempotencyKey.rule).",
                errors: [Problem.MemberError(pointer: "/key", detail: IdempotencyKey.rule)])
        }
        return key
    }

    private static let detail = "The request is not as it must be; see errors."
}
