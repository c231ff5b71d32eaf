internal import NIOCore

/// A host and a port, as a `Host` field or an origin names them (RFC 3986, section 3.2).
struct Authority: Hashable, Sendable {
    /// Lower case, without brackets and without a final dot.
    let host: String
    let port: Int?

    /// - Returns: `nil` for what is neither a name nor an address, or has a port that is none.
    init?(_ text: some StringProtocol) {
        var name = Substring(text)
        var port: Int?
        if name.utf8.last != UInt8(ascii: "]"), let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) {
            let digits = name[name.index(after: colon)...]
            port = Self.port(digits)
            guard port != nil || digits.isEmpty else { return nil }
            name = name[..<colon]
        }
        guard let host = Self.host(name) else { return nil }
        self.host = host
        self.port = port
    }

    /// Whether the host is this machine, whatever a name server says: `localhost` and names below it (RFC 6761,
    /// section 6.3), 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        if host == "localhost" || host == "127.0.0.1" || host.hasSuffix(".localhost") { return true }
        return (try? SocketAddress(ipAddress: host, port: 0))?.isLoopback ?? false
    }

    private static func port(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        return port
    }

    private static func host(_ text: Substring) -> String? {
        if text.utf8.first == UInt8(ascii: "[") {
            let address = String(text.dropFirst().dropLast())
            guard text.hasSuffix("]"), (try? SocketAddress(ipAddress: address, port: 0)) != nil else { return nil }
            return address.lowercased()
        }
        let name = text.utf8.last == UInt8(ascii: ".") ? text.dropLast() : text
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return nil }
        return name.lowercased()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
