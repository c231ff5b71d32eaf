import NIOCore

/// What a service answered.
struct HTTPAnswer: Sendable {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: String

    /// The value of a field; `nil` where there is none.
    subscript(name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The code of the problem that the body is.
    var problem: String? {
        guard let start = body.firstRange(of: #""type":"/problems/"#)?.upperBound else { return nil }
        return String(body[start...].prefix { $0 != "\"" })
    }

    /// Takes the first answer out of what came; `nil` while it is not whole.
    static func take(from bytes: inout ByteBuffer, isHead: Bool) -> HTTPAnswer? {
        let text = String(buffer: bytes)
        guard let headEnd = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<headEnd.lowerBound].split(separator: "\r\n").map(String.init)
        let fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let value = line[colon...].dropFirst().drop { $0 == " " }
            return (name: String(line[..<colon]), value: String(value))
        }
        let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        let length = fields.first { $0.name == "Content-Length" }.flatMap { Int($0.value) } ?? 0
        let bodyLength = isHead || status == 304 ? 0 : length
        let headLength = text[..<headEnd.upperBound].utf8.count
        guard bytes.readableBytes >= headLength + bodyLength else { return nil }
        bytes.moveReaderIndex(forwardBy: headLength)
        let body = bytes.readString(length: bodyLength) ?? ""
        return HTTPAnswer(status: status, fields: fields, body: body)
    }
}
