internal import OrderKernel

/// The `Idempotency-Key` field: the key as it is, or as a quoted string of structured fields (RFC 9651, section 3.3.3).
enum IdempotencyKeyField {
    /// - Throws: Why it is no key.
    static func key(in value: String) throws(Problem) -> String {
        let lengths = IdempotencyKey.lengths
        let rule = Problem(
            .badRequest,
            "An idempotency key has \(lengths.lowerBound) to \(lengths.upperBound) printable ASCII characters.")
        guard value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw rule }
        guard let key = value.hasPrefix("\"") ? unquoted(value) : value else {
            throw Problem(
                .badRequest,
                #"An idempotency key that begins with " ends with another; one inside is written \", a \ is \\."#)
        }
        guard lengths.contains(key.utf8.count) else { throw rule }
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
