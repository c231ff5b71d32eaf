internal import OrderKernel

/// The `Idempotency-Key` field: the key as it is, or as a quoted string of structured fields (RFC 9651, section 3.3.3).
enum IdempotencyKeyField {
    /// - Returns: The key, or `nil` for what is none: not 1 to 255 printable ASCII characters, or badly quoted.
    static func key(in value: String) -> String? {
        let isPrintable = value.utf8.allSatisfy { (0x20...0x7e).contains($0) }
        guard isPrintable, let key = value.hasPrefix("\"") ? unquoted(value) : value,
            IdempotencyKey.lengths.contains(key.utf8.count)
        else { return nil }
        return key
    }

    private static func unquoted(_ value: String) -> String? {
        guard value.count >= 2, value.hasSuffix("\"") else { return nil }
        var key = ""
        var rest = value.dropFirst().dropLast()
        while let character = rest.popFirst() {
            if character == "\"" { return nil }
            guard character == "\\" else {
                key.append(character)
                continue
            }
            guard let escaped = rest.popFirst(), escaped == "\"" || escaped == "\\" else { return nil }
            key.append(escaped)
        }
        return key
    }
}
