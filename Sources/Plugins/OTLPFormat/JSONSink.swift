internal import OrderKernel

/// Writes messages as JSON, as OTLP has it: ids in hexadecimal digits, enumerations as numbers, 64-bit numbers as
/// texts.
struct JSONSink: MessageSink {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// The whole message.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    mutating func text(_ field: Int, _ name: StaticString, _ value: String) {
        key(name)
        quoted(value)
    }

    mutating func bool(_ field: Int, _ name: StaticString, _ value: Bool) {
        key(name)
        raw(value ? "true" : "false")
    }

    mutating func small(_ field: Int, _ name: StaticString, _ value: UInt32) {
        key(name)
        raw(String(value))
    }

    mutating func integer(_ field: Int, _ name: StaticString, _ value: Int64) {
        key(name)
        raw("\"\(value)\"")
    }

    mutating func double(_ field: Int, _ name: StaticString, _ value: Double) {
        key(name)
        number(value)
    }

    mutating func fixed32(_ field: Int, _ name: StaticString, _ value: UInt32) { small(field, name, value) }

    mutating func fixed64(_ field: Int, _ name: StaticString, _ value: UInt64) {
        key(name)
        raw("\"\(value)\"")
    }

    mutating func signedFixed64(_ field: Int, _ name: StaticString, _ value: Int64) { integer(field, name, value) }

    mutating func fixed64s(_ field: Int, _ name: StaticString, _ values: [UInt64]) {
        list(name, values) { $0.raw("\"\($1)\"") }
    }

    mutating func doubles(_ field: Int, _ name: StaticString, _ values: [Double]) {
        list(name, values) { $0.number($1) }
    }

    mutating func id<Number: FixedWidthInteger & UnsignedInteger>(_ field: Int, _ name: StaticString, _ value: Number) {
        key(name)
        let digits = String(value, radix: 16)
        raw("\"" + String(repeating: "0", count: Number.bitWidth / 4 - digits.utf8.count) + digits + "\"")
    }

    mutating func attributes(_ field: Int, _ attributes: TelemetryAttributes) {
        if !attributes.isEmpty { messages(field, "attributes", Array(attributes)) { $0.keyValue($1) } }
    }

    private mutating func keyValue(_ attribute: TelemetryAttribute) {
        text(1, "key", attribute.key)
        message(2, "value") { $0.any(attribute.value) }
    }

    /// `AnyValue`
    private mutating func any(_ value: TelemetryAttribute.Value) {
        switch value {
        case .string(let value): text(1, "stringValue", value)
        case .bool(let value): bool(2, "boolValue", value)
        case .int(let value): integer(3, "intValue", Int64(value))
        case .double(let value): double(4, "doubleValue", value)
        case .array(let values): message(5, "arrayValue") { $0.messages(1, "values", values) { $0.any($1) } }
        case .map(let entries): message(6, "kvlistValue") { $0.messages(1, "values", entries) { $0.keyValue($1) } }
        @unknown default: text(1, "stringValue", value.description)
        }
    }

    mutating func message(_ field: Int, _ name: StaticString, _ body: (inout JSONSink) -> Void) {
        key(name)
        object(body)
    }

    mutating func messages<Element>(
        _ field: Int, _ name: StaticString, _ elements: [Element], _ body: (inout JSONSink, Element) -> Void
    ) {
        list(name, elements) { sink, element in sink.object { body(&$0, element) } }
    }

    private mutating func object(_ body: (inout JSONSink) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        body(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func list<Element>(
        _ name: StaticString, _ elements: [Element], _ body: (inout JSONSink, Element) -> Void
    ) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            body(&self, element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func key(_ name: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        raw("\":")
    }

    private mutating func number(_ value: Double) {
        if value.isNaN {
            raw("\"NaN\"")
        } else if value.isInfinite {
            raw(value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        } else {
            raw(String(value))
        }
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                raw(digits.utf8.count == 1 ? "\\u000" + digits : "\\u00" + digits)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
