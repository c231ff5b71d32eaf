/// What a caller has sent along with its trace: W3C Baggage.
///
/// It is the clients' text: it is passed on, but never logged, and never an attribute of a metric.
public struct Baggage: Sendable, Hashable {
    fileprivate struct Member: Hashable {
        let key: String
        let value: String
        /// As they came, with the semicolon before them.
        let properties: String
    }

    static let mostMembers = 64
    static let mostBytes = 8_192

    fileprivate var members: [Member] = []

    init() {}

    /// Reads what came; a member that is not as it must be is left out, and so is what is beyond the limits.
    init(headers: [String]) {
        var bytes = 0
        for header in headers {
            for part in header.split(separator: ",") {
                guard let member = Member(part), !members.contains(where: { $0.key == member.key }) else { continue }
                bytes += member.text.utf8.count + 1
                guard members.count < Self.mostMembers, bytes <= Self.mostBytes + 1 else { return }
                members.append(member)
            }
        }
    }

    public var isEmpty: Bool { members.isEmpty }

    /// The value that has a key; its case counts.
    public subscript(key: String) -> String? { members.first { $0.key == key }?.value }

    /// The header that is sent on.
    var header: String { members.map(\.text).joined(separator: ",") }
}

extension Baggage.Member {
    /// `key=value;property`
    fileprivate init?(_ text: Substring) {
        let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return nil }
        let key = pair[..<equals].trimmed
        guard !key.isEmpty, key.utf8.allSatisfy(Self.isToken) else { return nil }
        self.key = String(key)
        self.value = PercentEncoding.decodedAsFarAsPossible(pair[pair.index(after: equals)...].trimmed)
        let properties = parts.count > 1 ? parts[1].trimmed : ""
        self.properties = properties.isEmpty || !properties.utf8.allSatisfy(Self.isPlain) ? "" : ";" + properties
    }

    fileprivate var text: String { key + "=" + PercentEncoding.encoded(value, keeping: Self.isValue) + properties }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) && byte != UInt8(ascii: ",") }

    private static func isValue(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x24, 0x26...0x2b, 0x2d...0x3a, 0x3c...0x5b, 0x5d...0x7e: true
        default: false
        }
    }
}
