internal import NIOHTTP1

/// The methods that telemetry tells apart (OpenTelemetry, semantic conventions for HTTP, `http.request.method`).
enum Method: Int, CaseIterable, Sendable {
    case get
    case head
    case post
    case put
    case delete
    case connect
    case options
    case trace
    case patch
    /// Any that the conventions do not know, and of what is no request at all.
    case other

    init(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .DELETE: self = .delete
        case .CONNECT: self = .connect
        case .OPTIONS: self = .options
        case .TRACE: self = .trace
        case .PATCH: self = .patch
        default: self = .other
        }
    }

    /// As the conventions write it.
    var name: String {
        self == .other ? "_OTHER" : "\(self)".uppercased()
    }

    /// Whether it only reads (RFC 9110, section 9.2.1).
    var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        default: false
        }
    }
}
