internal import OrderKernel

/// The entity tags that an `If-Match` or `If-None-Match` field lists (RFC 9110, section 13.1).
enum EntityTags: Sendable, Equatable {
    /// `*`: whatever there is.
    case any
    case listed([Tag])

    struct Tag: Sendable, Equatable {
        let isWeak: Bool
        /// What stands between the quotes.
        let text: String
    }

    /// - Parameter fields: The values of all fields of the name.
    /// - Returns: `nil` for what is not written as the standard says.
    init?(_ fields: [String]) {
        if fields == ["*"] {
            self = .any
            return
        }
        var tags: [Tag] = []
        for field in fields {
            guard let more = Self.tags(in: field) else { return nil }
            tags += more
        }
        guard !tags.isEmpty else { return nil }
        self = .listed(tags)
    }

    /// Revisions of an order that have one of the tags, compared as strongly as `If-Match` demands; `nil` for all.
    var revisions: [Int]? {
        switch self {
        case .any: nil
        case .listed(let tags): tags.filter { !$0.isWeak }.compactMap(\.revision)
        }
    }

    /// Revisions of an order that have one of the tags, compared as weakly as `If-None-Match` allows.
    var known: KnownRevisions {
        switch self {
        case .any: .any
        case .listed(let tags): .listed(tags.compactMap(\.revision))
        }
    }

    private static func tags(in field: String) -> [Tag]? {
        var tags: [Tag] = []
        var rest = field.utf8[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { return tags }
            guard let tag = takeTag(from: &rest) else { return nil }
            tags.append(tag)
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        }
    }

    private static func takeTag(from rest: inout Substring.UTF8View) -> Tag? {
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.popFirst() == UInt8(ascii: "\""), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
            return nil
        }
        let text = rest[..<end]
        rest = rest[end...].dropFirst()
        guard text.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
        return Tag(isWeak: isWeak, text: String(Substring(text)))
    }
}

extension EntityTags.Tag {
    /// The revision whose tag this is; `nil` for a tag that no order has.
    fileprivate var revision: Int? {
        Int(text).flatMap { String($0) == text ? $0 : nil }
    }
}
