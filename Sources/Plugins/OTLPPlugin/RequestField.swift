internal import OrderKernel

/// The name of a field that the profile adds to each request, in lower case (RFC 9110, section 5.1).
struct FieldName: SettingValue, Hashable {
    let text: String

    static let form = SettingForm.text
    static let placeholder = FieldName(text: "name")
    static let alternative = FieldName(text: "other")

    /// Fields that say where a message ends and how to read it.
    private static let own: Set = [
        "connection", "content-encoding", "content-length", "content-type", "keep-alive", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade",
    ]

    private init(text: String) { self.text = text }

    init(reading text: SettingText) throws(SettingFault) {
        guard !text.text.isEmpty, text.text.utf8.allSatisfy(Self.isAllowed) else {
            throw text.mistyped("letters, digits and !#$%&'*+-.^_`|~ make one", as: "the name of a field")
        }
        self.text = text.text.lowercased()
        guard !Self.own.contains(self.text), !self.text.hasPrefix("grpc-") else {
            throw text.mistyped("orderd says it itself", as: "a field that can be set")
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    var settingText: String { text }
}

/// The value of such a field, which may be a key (RFC 9110, section 5.5).
struct FieldValue: SettingValue {
    let secret: Secret

    static let form = SettingForm.secret
    static let placeholder = FieldValue(secret: .placeholder)
    static let alternative = FieldValue(secret: .alternative)

    private init(secret: Secret) { self.secret = secret }

    init(reading text: SettingText) throws(SettingFault) {
        let bytes = text.text.utf8
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
            throw text.mistyped("it holds a control character, such as a line break", as: "the value of a field")
        }
        secret = Secret(text.text)
    }

    var settingText: String { secret.settingText }
}
