extension String {
    /// Leaves out the spaces and tabs behind a field's value, which are no part of it (RFC 9110, section 5.5). The
    /// parser has done so with those before it.
    mutating func trimFieldValue() {
        guard let last = utf8.last, last.isBlank else { return }
        let end = utf8.lastIndex { !$0.isBlank }.map { utf8.index(after: $0) } ?? startIndex
        self = String(self[..<end])
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
