extension ProblemCode {
    /// When a client gets the problem, and what it may do.
    var explanation: String {
        switch self {
        case .invalidJSON: "The input is not JSON; `offset` says where. Correct it and send it again."
        case .invalidOrder: "The input is JSON, but no order or update; `errors` names every bad member."
        case .invalidQuery: "A parameter of the query is unknown, or its value is bad."
        case .unknownOrder: "No order has this id."
        case .unknownPath: "Nothing is served at this path."
        case .methodNotAllowed: "The path does not serve this method; `Allow` names those that it serves."
        case .unsupportedMediaType: "The body's `Content-Type` is not `application/json`."
        case .unauthorized:
            "A middleware wants to know who asks; over HTTP, `WWW-Authenticate` says how. Nothing was stored."
        case .forbidden: "A middleware does not allow this to who asks. Nothing was stored."
        case .foreignOrigin:
            "A web page of another origin tried to change something, and the profile does not allow it."
        case .bodyTooLarge: "The body is larger than the profile allows."
        case .expectationFailed: "The request has an `Expect` that is not `100-continue`."
        case .lineTooLong: "The line is longer than the profile allows; it was skipped."
        case .badRequest: "The request is malformed, such as a bad idempotency key."
        case .unknownHost: "The request names a `Host` that the profile does not allow."
        case .keyReused: "The key belongs to another create, or its order is gone. Use a new key for each order."
        case .revisionConflict: "The order has changed since the client read it. Read it again, then decide."
        case .transitionRefused: "The profile does not let an order go from its status to this one."
        case .rateLimited: "A middleware found too many requests. Nothing was stored; try again later."
        case .storageUnavailable: "The storage cannot be reached. Nothing was stored; try again later."
        case .outcomeUnknown:
            "Whether the write was stored could not be found out. Send it again with the same idempotency key."
        case .overloaded: "The service has as much to do as it can hold. Nothing was stored; try again later."
        case .deadlineExceeded: "No answer could be had in time. Nothing was stored; try again."
        case .internal: "A defect of the service. Its log has more under the request's id. Nothing was stored."
        }
    }
}
