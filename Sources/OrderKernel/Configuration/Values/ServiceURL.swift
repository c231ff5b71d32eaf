/// Where another service is: `scheme://[user[:password]@]host[:port][/path][?query]`.
///
/// Source: RFC 3986, section 3, without fragments. Parts are kept as written, percent signs included.
public struct ServiceURL: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// In lower case.
    public let scheme: String
    public let user: String?
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    /// 0...65535; `nil` where the scheme's own is meant.
    public let port: Int?
    /// Empty, or with its first slash.
    public let path: String
    /// What stands after the question mark.
    public let query: String?
    private let secretPassword: String?

    /// The password, for the call that needs it.
    public var password: Secret? { secretPassword.map(Secret.init) }

    /// The URL without its password.
    public var description: String { text(password: nil) }

    /// The URL with its password, for the call that needs it.
    public var revealed: String { text(password: secretPassword) }

    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    private func text(password: String?) -> String {
        let credentials = user.map { $0 + (password.map { ":" + $0 } ?? "") + "@" } ?? ""
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(credentials)\(name)\(port.map { ":\($0)" } ?? "")\(path)\(query.map { "?\($0)" } ?? "")"
    }
}

extension ServiceURL {
    /// Reads a URL.
    /// - Throws: What is wrong, in words that repeat nothing of the text.
    public init(parsing text: String) throws(ParsingError) {
        guard
            text.unicodeScalars.allSatisfy({
                $0.value > 0x20 && $0.value < 0x7F && !"\"<>\\^`{|}#".contains(Character($0))
            })
        else { throw ParsingError("it holds a character that must be percent-encoded") }
        guard let colon = text.firstRange(of: "://") else { throw ParsingError("it has no scheme, such as http://") }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme.first?.isLetter == true, scheme.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        else { throw ParsingError("its scheme is not a name") }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest[authority.endIndex...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = tail.first.map(String.init) ?? ""
        query = tail.count > 1 ? String(tail[1]) : nil
        let (credentials, address) = Self.credentials(authority)
        user = credentials?.first.map(String.init)
        secretPassword = (credentials?.count ?? 0) > 1 ? credentials?.last.map(String.init) : nil
        (host, port) = try Self.address(address)
    }

    /// Why a text is no URL.
    public struct ParsingError: Error, Sendable, Equatable {
        /// Words that repeat nothing of the text.
        public let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    private static func credentials(_ authority: Substring) -> ([Substring]?, Substring) {
        guard let at = authority.lastIndex(of: "@") else { return (nil, authority) }
        let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (parts, authority[authority.index(after: at)...])
    }

    private static func address(_ address: Substring) throws(ParsingError) -> (String, Int?) {
        if address.first == "[" {
            guard let end = address.firstIndex(of: "]") else { throw ParsingError("its bracket is not closed") }
            let host = address[address.index(after: address.startIndex)..<end]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                throw ParsingError("its brackets hold no IPv6 address")
            }
            return (String(host), try port(address[address.index(after: end)...]))
        }
        let host = address.prefix { $0 != ":" }
        if address.count(where: { $0 == ":" }) > 1, address.allSatisfy({ $0 == ":" || $0.isHexDigit }) {
            throw ParsingError("an IPv6 address needs brackets")
        }
        guard !host.isEmpty else { throw ParsingError("it has no host") }
        guard host.allSatisfy({ $0.isLetter || $0.isNumber || "-._~%".contains($0) }) else {
            throw ParsingError("its host is not a name")
        }
        return (String(host), try port(address[host.endIndex...]))
    }

    private static func port(_ text: Substring) throws(ParsingError) -> Int? {
        guard !text.isEmpty else { return nil }
        let digits = text.dropFirst()
        guard text.first == ":", !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = Int(digits), port <= 65_535
        else { throw ParsingError("its port is outside 0...65535") }
        return port
    }
}

extension ServiceURL: SettingValue {
    public static var form: SettingForm { .url }
    public static var placeholder: ServiceURL { ServiceURL(host: "localhost") }
    public static var alternative: ServiceURL { ServiceURL(host: "other.example") }

    private init(host: String) {
        (scheme, user, self.host, port, path, query, secretPassword) = ("http", nil, host, nil, "", nil, nil)
    }

    public init(reading text: SettingText) throws(SettingFault) {
        do throws(ParsingError) { self = try ServiceURL(parsing: text.text) } catch {
            throw text.mistyped(error.reason)
        }
    }

    /// Without the password.
    public var settingText: String { description }
}
