/// The key under which a create is done once, however often it is sent.
///
/// A key belongs to the principal that used it and lives as long as its order.
public struct IdempotencyKey: Sendable, Hashable {
    /// Characters (Unicode scalars) of a key, at least and at most.
    public static let lengths = 1...255

    /// Who uses the key; empty where the transport authenticates nobody.
    public let principal: String
    /// The key as the client sent it, ``lengths`` characters.
    public let text: String

    public init(principal: String, text: String) {
        self.principal = principal
        self.text = text
    }

    /// Whether a text may be one: as many characters as ``lengths`` says, none of them a control character.
    public static func allows(_ text: String) -> Bool {
        // Nearly every key; of others, each character has to be looked up.
        if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return lengths.contains(text.utf8.count) }
        return lengths.contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// What ``allows(_:)`` asks, as the rest of a sentence about the key.
    public static let rule =
        "must be a text of \(lengths.lowerBound) to \(lengths.upperBound) characters without control characters"

    /// Keys are told apart byte by byte, as databases do; texts in Swift are equal when they look the same.
    public static func == (left: IdempotencyKey, right: IdempotencyKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8) && left.principal.utf8.elementsEqual(right.principal.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// A key that storage has, and what it was used for.
public struct KeyedOrder: Sendable, Equatable {
    /// ``OrderDraft/digest`` of the create that took the key.
    public let digest: [UInt8]
    /// The order that it created.
    public let orderID: Order.ID

    public init(digest: [UInt8], orderID: Order.ID) {
        self.digest = digest
        self.orderID = orderID
    }
}

extension OrderDraft {
    /// Tells one create from another under the same key: a version byte, then FNV-1a with 128 bits over the members,
    /// each with its length before it.
    ///
    /// Stored with the key, so a change of what goes in needs a new version.
    public var digest: [UInt8] {
        var hash = FNV1a128()
        hash.add(customerID.map { [1] + Array($0.utf8) } ?? [0])
        hash.add(Array(woodType.utf8))
        hash.add(Array(String(quantity).utf8))
        hash.add(Array(status.rawValue.utf8))
        return [1] + hash.bytes
    }
}

/// FNV-1a with 128 bits: `offset basis` and `prime` as published by Fowler, Noll and Vo.
private struct FNV1a128 {
    private var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

    mutating func add(_ part: [UInt8]) {
        for byte in withUnsafeBytes(of: UInt32(part.count).bigEndian, Array.init) + part {
            value = (value ^ UInt128(byte)) &* Self.prime
        }
    }

    var bytes: [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
}
