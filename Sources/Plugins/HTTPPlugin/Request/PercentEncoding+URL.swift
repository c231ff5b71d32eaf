internal import OrderKernel

extension PercentEncoding {
    /// As ``decoded(_:)``, with `+` for a space.
    static func decodedForm(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "+")) else { return decoded(text) }
        return decoded(Substring(text.map { $0 == "+" ? "%20" : String($0) }.joined()))
    }

    /// Encodes all but the characters that mean nothing in a URL, letters, digits and `-._~`.
    static func encoded(_ text: String) -> String {
        encoded(text, keeping: isUnreserved)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
