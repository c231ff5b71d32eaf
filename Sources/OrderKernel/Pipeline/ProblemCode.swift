/// The kinds of ``Problem``. The raw value ends the problem's `type`, `/problems/{code}`.
@nonexhaustive
public enum ProblemCode: String, Sendable, CaseIterable {
    case invalidJSON = "invalid_json"
    case invalidOrder = "invalid_order"
    case invalidQuery = "invalid_query"
    case unknownOrder = "unknown_order"
    case unknownPath = "unknown_path"
    case methodNotAllowed = "method_not_allowed"
    case unsupportedMediaType = "unsupported_media_type"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case foreignOrigin = "foreign_origin"
    case bodyTooLarge = "body_too_large"
    case lineTooLong = "line_too_long"
    case badRequest = "bad_request"
    case expectationFailed = "expectation_failed"
    case unknownHost = "unknown_host"
    case keyReused = "key_reused"
    case revisionConflict = "revision_conflict"
    case transitionRefused = "transition_refused"
    case rateLimited = "rate_limited"
    case storageUnavailable = "storage_unavailable"
    case outcomeUnknown = "outcome_unknown"
    case overloaded = "overloaded"
    case deadlineExceeded = "deadline_exceeded"
    case `internal` = "internal"

    /// The HTTP status that goes with the problem, on every transport.
    public var status: Int {
        switch self {
        case .invalidJSON, .invalidQuery, .badRequest: 400
        case .unauthorized: 401
        case .forbidden, .foreignOrigin: 403
        case .unknownOrder, .unknownPath: 404
        case .methodNotAllowed: 405
        case .transitionRefused: 409
        case .revisionConflict: 412
        case .bodyTooLarge, .lineTooLong: 413
        case .unsupportedMediaType: 415
        case .expectationFailed: 417
        case .unknownHost: 421
        case .invalidOrder, .keyReused: 422
        case .rateLimited: 429
        case .internal: 500
        case .storageUnavailable, .outcomeUnknown, .overloaded: 503
        case .deadlineExceeded: 504
        }
    }

    /// What the problem is, in a few words that never change.
    public var title: String {
        switch self {
        case .invalidJSON: "Not JSON"
        case .invalidOrder: "Not a valid order"
        case .invalidQuery: "Not a valid query"
        case .unknownOrder: "No such order"
        case .unknownPath: "No such path"
        case .methodNotAllowed: "Method not allowed"
        case .unsupportedMediaType: "Unsupported media type"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .foreignOrigin: "Foreign origin"
        case .bodyTooLarge: "Body too large"
        case .lineTooLong: "Line too long"
        case .badRequest: "Bad request"
        case .expectationFailed: "Expectation failed"
        case .unknownHost: "Unknown host"
        case .keyReused: "Idempotency key reused"
        case .revisionConflict: "Revision conflict"
        case .transitionRefused: "Transition refused"
        case .rateLimited: "Rate limited"
        case .storageUnavailable: "Storage unavailable"
        case .outcomeUnknown: "Outcome unknown"
        case .overloaded: "Overloaded"
        case .deadlineExceeded: "Deadline exceeded"
        case .internal: "Internal error"
        }
    }

    /// Whether the same request may succeed a little later: nothing was done, for a reason that passes.
    public var isTransient: Bool {
        switch self {
        case .rateLimited, .storageUnavailable, .overloaded, .deadlineExceeded: true
        default: false
        }
    }
}
