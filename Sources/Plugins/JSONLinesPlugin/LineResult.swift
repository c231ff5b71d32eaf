import OrderKernel

/// The result of one line, as it is written.
struct LineResult: JSONRepresentable {
    let line: Int
    let ref: [UInt8]?
    let outcome: Outcome
    let requestID: RequestID

    var jsonCapacity: Int {
        let answer =
            switch outcome {
            case .reply(.page(let page)): page.orders.jsonCapacity + (page.next.map(JSONWriter.capacity) ?? 0)
            case .reply(let reply): reply.order?.jsonCapacity ?? 0
            case .problem(let problem): ProblemDocument(problem, requestID: requestID).jsonCapacity
            }
        return 128 + (ref?.count ?? 0) + answer
    }

    func write(to json: inout JSONWriter) {
        json.raw("{\"line\":")
        json.integer(line)
        if let ref {
            json.raw(",\"ref\":")
            ref.withUnsafeBytes { json.raw($0) }
        }
        json.raw(",\"status\":")
        json.integer(outcome.status)
        switch outcome {
        case .reply(let reply): write(reply, to: &json)
        case .problem(let problem):
            json.raw(",\"problem\":")
            ProblemDocument(problem, requestID: requestID).write(to: &json)
        }
        json.raw("}")
    }

    private func write(_ reply: Reply, to json: inout JSONWriter) {
        if case .replayed = reply { json.raw(",\"replayed\":true") }
        if let order = reply.order {
            json.raw(",\"order\":")
            order.write(to: &json)
        }
        if case .page(let page) = reply {
            json.raw(",\"orders\":")
            page.orders.write(to: &json)
            if let next = page.next {
                json.raw(",\"next\":")
                json.string(next)
            }
        }
    }
}

extension Reply {
    /// The one order of the reply; `nil` for a page.
    fileprivate var order: Order? {
        switch self {
        case .created(let order), .replayed(let order), .found(let order), .updated(let order), .unchanged(let order):
            order
        default: nil
        }
    }
}
