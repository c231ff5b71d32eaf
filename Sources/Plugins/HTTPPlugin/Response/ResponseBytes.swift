internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// The bytes of one response while they are written: status line, fields, body.
struct ResponseBytes {
    enum MediaType {
        case json
        case problem

        fileprivate var name: StaticString {
            switch self {
            case .json: "application/json"
            case .problem: "application/problem+json"
            }
        }
    }

    /// Room for the status line and the fields of nearly every response.
    private static let headCapacity = 384

    private(set) var bytes: ByteBuffer
    /// Bytes of the body, as far as it is sent.
    private(set) var bodySize = 0
    private let leavesOutBody: Bool

    /// - Parameters:
    ///   - capacity: Bytes that the body takes at most.
    ///   - leavesOutBody: Whether only the head is wanted, as of `HEAD`.
    init(status: Int, capacity: Int, leavesOutBody: Bool) {
        bytes = ByteBufferAllocator().buffer(capacity: Self.headCapacity + capacity)
        self.leavesOutBody = leavesOutBody
        switch status {
        case 200: bytes.writeStaticString("HTTP/1.1 200 OK\r\n")
        case 201: bytes.writeStaticString("HTTP/1.1 201 Created\r\n")
        default: bytes.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
        }
    }

    mutating func field(_ name: StaticString, _ value: String) {
        bytes.writeStaticString(name)
        bytes.writeStaticString(": ")
        bytes.writeString(value)
        bytes.writeStaticString("\r\n")
    }

    mutating func field(_ name: StaticString, quoted number: Int) {
        field(name, "\"\(number)\"")
    }

    /// Ends a response that has no body.
    mutating func end() {
        bytes.writeStaticString("\r\n")
    }

    /// Ends the response with a JSON body.
    ///
    /// The length is known when the body is written, so the field gets room for it beforehand; spaces before a value
    /// mean nothing (RFC 9112, section 5).
    mutating func end(_ body: some JSONRepresentable, type: MediaType) {
        let capacity = body.jsonCapacity
        bytes.writeStaticString("Content-Type: ")
        bytes.writeStaticString(type.name)
        bytes.writeStaticString("\r\nContent-Length: ")
        let lengthIndex = bytes.writerIndex
        let digits = Self.digits(of: capacity)
        bytes.writeRepeatingByte(UInt8(ascii: " "), count: digits)
        bytes.writeStaticString("\r\n\r\n")
        let bodyIndex = bytes.writerIndex
        let length = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var json = JSONWriter(memory)
            body.write(to: &json)
            return json.count
        }
        bodySize = leavesOutBody ? 0 : length
        bytes.setString("\(length)", at: lengthIndex + digits - Self.digits(of: length))
        if leavesOutBody { bytes.moveWriterIndex(to: bodyIndex) }
    }

    /// Ends the response with a document as its body. A plugin's texts are no fields of their own.
    mutating func end(_ document: DocumentContent) {
        field("Content-Type", document.type.isFieldValue ? document.type : "application/octet-stream")
        if let encoding = document.encoding, encoding.isFieldValue { field("Content-Encoding", encoding) }
        field("Vary", "Accept, Accept-Encoding")
        field("Content-Length", "\(document.bytes.count)")
        bytes.writeStaticString("\r\n")
        if leavesOutBody { return }
        bodySize = document.bytes.count
        bytes.writeBytes(document.bytes)
    }

    private static func digits(of number: Int) -> Int {
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        return digits
    }
}

extension String {
    /// Whether the text may stand in a field: printable ASCII.
    var isFieldValue: Bool { utf8.allSatisfy { (0x20...0x7e).contains($0) } }
}
