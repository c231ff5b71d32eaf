internal import NIOHTTP1

/// The header fields that the transport heeds, found in one pass.
struct RequestFields {
    var hosts: [String] = []
    var origins: [String] = []
    var requestID: String?
    var contentTypes: [String] = []
    var contentEncoding: String?
    /// Bytes of the body, where the client said so beforehand; the parser has seen that they are a number.
    var contentLength: Int?
    var transferEncoding: String?
    var expectation: String?
    var isUpgrade = false
    var userAgent: String?
    var ifMatch: [String] = []
    var ifNoneMatch: [String] = []
    var idempotencyKeys: [String] = []

    init(_ headers: HTTPHeaders) {
        for (name, var value) in headers {
            value.trimFieldValue()
            read(FieldName(text: name), value)
        }
    }

    private mutating func read(_ name: FieldName, _ value: String) {
        switch name {
        case "host": hosts.append(value)
        case "origin": origins.append(value)
        case "x-request-id": requestID = value
        case "content-type": contentTypes.append(value)
        case "content-encoding": contentEncoding.join(value)
        case "content-length": contentLength = Int(value) ?? .max
        case "transfer-encoding": transferEncoding.join(value)
        case "expect": expectation.join(value)
        case "upgrade": isUpgrade = true
        case "user-agent": userAgent = userAgent ?? value
        case "if-match": ifMatch.append(value)
        case "if-none-match": ifNoneMatch.append(value)
        case "idempotency-key": idempotencyKeys.append(value)
        default: break
        }
    }
}

extension Optional<String> {
    /// Takes in one more field of a name, as if all stood in one (RFC 9110, section 5.3).
    fileprivate mutating func join(_ value: String) {
        self = map { "\($0), \(value)" } ?? value
    }
}

/// A name of a header field; case makes no difference.
private struct FieldName: Equatable, ExpressibleByStringLiteral {
    let text: String

    init(text: String) { self.text = text }
    init(stringLiteral text: String) { self.text = text }

    static func == (left: FieldName, right: FieldName) -> Bool {
        left.text.equalsIgnoringASCIICase(right.text)
    }
}

extension StringProtocol {
    /// Whether both are the same but for the case of ASCII letters.
    func equalsIgnoringASCIICase(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
