internal import OrderKernel

/// `google.rpc.Status`: why a request was not taken, and when to try again.
struct RPCStatus {
    private(set) var message: String?
    /// `google.rpc.RetryInfo`
    private(set) var retryDelay: Duration?

    init(protobuf bytes: [UInt8]) {
        for (field, value) in ProtobufReader(bytes) {
            switch (field, value) {
            case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
            case (3, .bytes(let detail)): read(detail)
            default: break
            }
        }
    }

    /// Reads the message alone.
    init(json bytes: [UInt8]) {
        var object = JSONObject()
        guard bytes.withUnsafeBytes({ (try? object.read($0)) == true }) else { return }
        message = object.take("message")?.string
    }

    /// - Parameter text: With or without the equals signs at its end, as gRPC's binary fields have it.
    init?(base64 text: String) {
        guard let bytes = Self.decoded(text) else { return nil }
        self.init(protobuf: bytes)
    }

    /// `google.protobuf.Any`
    private mutating func read(_ detail: ArraySlice<UInt8>) {
        var type = ""
        var content: ArraySlice<UInt8> = []
        for (field, value) in ProtobufReader(detail) {
            guard case .bytes(let bytes) = value else { continue }
            if field == 1 { type = String(decoding: bytes, as: UTF8.self) }
            if field == 2 { content = bytes }
        }
        guard type.hasSuffix("/google.rpc.RetryInfo") else { return }
        for case (1, .bytes(let delay)) in ProtobufReader(content) { retryDelay = Self.duration(delay) }
        if retryDelay == nil { retryDelay = .zero }
    }

    /// `google.protobuf.Duration`
    private static func duration(_ bytes: ArraySlice<UInt8>) -> Duration {
        var duration = Duration.zero
        for case (let field, .number(let number)) in ProtobufReader(bytes) {
            let value = max(0, Int64(bitPattern: number))
            if field == 1 { duration += .seconds(min(value, 1_000_000)) }
            if field == 2 { duration += .nanoseconds(min(value, 999_999_999)) }
        }
        return duration
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let digit = digit(byte) else { return nil }
            bits = bits << 6 | digit
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
