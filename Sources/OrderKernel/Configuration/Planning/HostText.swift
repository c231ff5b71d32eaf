internal import Glibc

/// What the text of a host means to a socket that listens on it: different spellings of one address are equal.
///
/// A socket on `::` takes IPv4 connections too, as Linux has it unless told otherwise.
enum HostText: Hashable {
    /// Every address of the machine, of both families.
    case every
    /// Every IPv4 address of the machine.
    case everyIPv4
    /// In network order.
    case ipv4(UInt32)
    case ipv6([UInt8])
    /// A name, which may stand for any address but is taken for one of its own.
    case name(String)

    init(_ host: String) {
        let host = Self.bare(host)
        if ["*", ""].contains(host) {
            self = .every
        } else if let bytes = Self.ipv6(host) {
            self = Self.folded(bytes)
        } else if let address = Self.ipv4(host) {
            self = address == 0 ? .everyIPv4 : .ipv4(address)
        } else {
            self = .name(host)
        }
    }

    /// Whether a text is written as a name or as an address, which may be of IPv6 and have a zone: `fe80::1%eth0`.
    static func isWritten(_ host: String) -> Bool {
        if host.contains(":") { return ipv6(String(host.prefix { $0 != "%" })) != nil }
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// A host without brackets and without the dot behind a full name; `localhost` as it mostly is.
    private static func bare(_ host: String) -> String {
        var host = host.lowercased()[...]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if host.hasSuffix(".") { host = host.dropLast() }
        return host == "localhost" ? "127.0.0.1" : String(host)
    }

    /// IPv4 addresses that are written as IPv6 ones are what they stand for.
    private static func folded(_ bytes: [UInt8]) -> Self {
        if bytes.allSatisfy({ $0 == 0 }) { return .every }
        guard bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) else { return .ipv6(bytes) }
        let address = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        return address == 0 ? .everyIPv4 : .ipv4(address)
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }

    /// Also short forms, such as `127.1`.
    private static func ipv4(_ text: String) -> UInt32? {
        var address = in_addr()
        return inet_aton(text, &address) == 1 ? address.s_addr : nil
    }
}
