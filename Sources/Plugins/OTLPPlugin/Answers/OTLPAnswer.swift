internal import OrderKernel

/// What came back for one request.
struct OTLPAnswer: Sendable {
    let status: Int
    /// By name in lower case; trailers stand with them, as gRPC has its status there.
    let fields: [(name: String, value: String)]
    let body: [UInt8]

    func field(_ name: String) -> String? { fields.last { $0.name == name }?.value }
}

extension OTLPAnswer {
    /// What the receiver makes of a request that was sent over HTTP.
    /// - Parameter date: When the answer came, for a date that says when to try again.
    func verdict(_ transfer: OTLPTransfer, at date: Timestamp) -> OTLPVerdict {
        if transfer == .grpc { return callVerdict }
        switch status {
        case 200..<300 where coding != nil:
            return .accepted("the answer came \(coding ?? ""), which is not read: what it rejects is not known")
        case 200..<300 where isPage:
            return .refused("no_receiver", "a web page came back: is the endpoint right?")
        case 200..<300:
            return (transfer == .json ? PartialSuccess(json: body) : PartialSuccess(protobuf: body)).verdict
        case 429, 502, 503, 504:
            return .busy(String(status), message, after: RetryAfter.duration(field("retry-after"), at: date))
        default:
            return .refused(String(status), message)
        }
    }

    /// In which coding the body came, though `Accept-Encoding` asks for none unless the profile says otherwise; `nil`
    /// for none.
    private var coding: String? {
        guard let coding = field("content-encoding"), coding.lowercased() != "identity" else { return nil }
        return "in \(Self.shortened(coding))"
    }

    /// Whether the body is that of a web page: neither JSON nor protobuf begins so.
    private var isPage: Bool { body.first { !Unicode.Scalar($0).properties.isWhitespace } == UInt8(ascii: "<") }

    /// What an error's body says, as far as it is text.
    private var message: String {
        if 300..<400 ~= status {
            let place = field("location").map { ", here to \(Self.shortened(String($0.prefix { $0 != "?" })))" } ?? ""
            return "redirects are not followed\(place)"
        }
        if let coding { return "the reason came \(coding), which is not read" }
        let type = field("content-type") ?? ""
        let text: String? =
            if type.hasPrefix("application/x-protobuf") {
                RPCStatus(protobuf: body).message
            } else if type.hasPrefix("application/json") {
                RPCStatus(json: body).message
            } else {
                nil
            }
        return Self.shortened(text ?? String(decoding: body.prefix(800), as: UTF8.self))
    }

    /// Somebody else's text, short enough for a log; counted in scalars, as a character may have any number of them.
    static func shortened(_ text: String) -> String {
        var words = text.unicodeScalars.prefix(200)
        while let last = words.last, last.properties.isWhitespace { words.removeLast() }
        return words.isEmpty ? "no reason given" : String(words)
    }
}

// MARK: gRPC

extension OTLPAnswer {
    private var callVerdict: OTLPVerdict {
        guard let code = field("grpc-status").flatMap(Int.init) else {
            let code = RPCCode(httpStatus: status)
            let text = "the answer is no answer of gRPC (HTTP status \(status))"
            return code.mayPass ? .busy(code.name, text, after: nil) : .refused(code.name, text)
        }
        if code == 0 { return message(in: body).map { PartialSuccess(protobuf: $0).verdict } ?? .accepted(nil) }
        let name = RPCCode(rawValue: code)
        let text = Self.shortened(PercentEncoding.decodedAsFarAsPossible(field("grpc-message")?[...] ?? ""))
        let delay = field("grpc-status-details-bin").flatMap { RPCStatus(base64: $0)?.retryDelay }
        // One that is out of resources may only be asked again where it says when.
        let mayPass = name == .resourceExhausted ? delay != nil : name.mayPass
        let wait = delay == .zero ? nil : delay
        return mayPass ? .busy(name.name, text, after: wait) : .refused(name.name, text)
    }

    /// The one message of a unary call, without the five bytes before it.
    private func message(in body: [UInt8]) -> [UInt8]? {
        guard body.count >= 5, body[0] == 0 else { return nil }
        return Array(body[5...])
    }
}

/// The status codes of gRPC.
struct RPCCode: Equatable {
    let rawValue: Int

    static let resourceExhausted = RPCCode(rawValue: 8)

    init(rawValue: Int) { self.rawValue = rawValue }

    /// The code that stands for an answer without one (gRPC, "HTTP to gRPC Status Code Mapping").
    init(httpStatus: Int) {
        switch httpStatus {
        case 400: rawValue = 13
        case 401: rawValue = 16
        case 403: rawValue = 7
        case 404: rawValue = 12
        case 429, 502, 503, 504: rawValue = 14
        default: rawValue = 2
        }
    }

    var name: String { Self.names.indices.contains(rawValue) ? Self.names[rawValue] : "CODE_\(rawValue)" }

    /// Whether the same request may be taken later (OTLP 1.11, "Failures").
    var mayPass: Bool { [1, 4, 10, 11, 14, 15].contains(rawValue) }

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]
}
