/// Names one request in answers and logs: what the client sent, or a number of ours.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    private enum Form: Hashable {
        case number(UInt64)
        case text(String)
    }

    private let form: Form

    /// An id that is random and short.
    public static func random() -> RequestID {
        RequestID(form: .number(.random(in: .min ... .max)))
    }

    /// The id of a later request: as random as this one, and as cheap as a number.
    public func advanced(by distance: UInt64) -> RequestID {
        switch form {
        case .number(let number): RequestID(form: .number(number &+ distance))
        case .text(let text): RequestID(form: .text("\(text)-\(distance)"))
        }
    }

    private init(form: Form) {
        self.form = form
    }

    /// The client's own id: 1 to 128 visible ASCII characters, `nil` for anything else.
    public init?(_ text: String) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        self.form = .text(text)
    }

    public var description: String {
        switch form {
        case .number(let number): Self.text(number)
        case .text(let text): text
        }
    }

    /// The number to base 36; each request's line has it.
    private static func text(_ number: UInt64) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 13) { digits in
            var start = digits.count
            var rest = number
            repeat {
                start -= 1
                let digit = UInt8(rest % 36)
                digits[start] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                rest /= 36
            } while rest > 0
            return String(decoding: digits[start...], as: UTF8.self)
        }
    }
}
