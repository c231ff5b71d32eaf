/// A problem as clients read it: the RFC 9457 object, with the request that it answers.
public struct ProblemDocument: JSONRepresentable, Sendable {
    public let problem: Problem
    public let requestID: RequestID

    public init(_ problem: Problem, requestID: RequestID) {
        self.problem = problem
        self.requestID = requestID
    }

    public var jsonCapacity: Int {
        let errors = problem.errors.jsonCapacity
        let pointer = problem.pointer.map(JSONWriter.capacity) ?? 0
        return 1_280 + 2 * JSONWriter.capacity(of: problem.detail) + errors + pointer
    }

    public func write(to json: inout JSONWriter) {
        json.raw("{\"type\":")
        json.string(Problem.typePath + problem.code.rawValue)
        json.raw(",\"title\":")
        json.string(problem.code.title)
        json.raw(",\"status\":")
        json.integer(problem.code.status)
        json.raw(",\"detail\":")
        json.string(problem.detail)
        writeErrors(to: &json)
        if let offset = problem.offset {
            json.raw(",\"offset\":")
            json.integer(offset)
        }
        if let pointer = problem.pointer {
            json.raw(",\"pointer\":")
            json.string(pointer)
        }
        json.raw(",\"error\":")
        json.string(problem.detail)
        json.raw(",\"request_id\":")
        json.string(requestID.description)
        json.raw("}")
    }

    private func writeErrors(to json: inout JSONWriter) {
        guard !problem.errors.isEmpty else { return }
        json.raw(",\"errors\":")
        problem.errors.write(to: &json)
    }
}

extension Problem.MemberError: JSONRepresentable {
    public var jsonCapacity: Int { 32 + JSONWriter.capacity(of: pointer) + JSONWriter.capacity(of: detail) }

    public func write(to json: inout JSONWriter) {
        json.raw("{\"pointer\":")
        json.string(pointer)
        json.raw(",\"detail\":")
        json.string(detail)
        json.raw("}")
    }
}
