internal import OrderKernel

/// What a receiver says that has taken a request: `Export…ServiceResponse`.
struct PartialSuccess: Equatable {
    private(set) var rejected: Int64 = 0
    private(set) var message = ""

    init(protobuf bytes: [UInt8]) {
        for case (1, .bytes(let partial)) in ProtobufReader(bytes) {
            for (field, value) in ProtobufReader(partial) {
                switch (field, value) {
                case (1, .number(let number)): rejected = Int64(bitPattern: number)
                case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
                default: break
                }
            }
        }
    }

    init(json bytes: [UInt8]) {
        var outer = JSONObject()
        var inner = JSONObject()
        bytes.withUnsafeBytes { bytes in
            guard (try? outer.read(bytes)) == true, let partial = outer.take("partialSuccess"),
                (try? inner.read(partial.bytes)) == true
            else { return }
            let numbers = [
                inner.take("rejectedSpans"), inner.take("rejectedDataPoints"), inner.take("rejectedLogRecords"),
            ]
            for value in numbers.compactMap(\.self) {
                if let text = value.string { rejected = Int64(text) ?? 0 }
                if case .value(let number) = value.integer { rejected = number }
            }
            message = inner.take("errorMessage")?.string ?? ""
        }
    }

    /// Never to be tried again, whatever was not taken.
    var verdict: OTLPVerdict {
        let text = OTLPAnswer.shortened(message)
        if rejected > 0 { return .partial(rejected: Int(clamping: rejected), text) }
        return .accepted(message.isEmpty ? nil : text)
    }
}
