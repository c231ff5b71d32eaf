/// One fact about a span, a measurement, a log record or a resource.
public struct TelemetryAttribute: Sendable, Hashable {
    /// Name as the OpenTelemetry semantic conventions have it, where they have one.
    public let key: String
    public let value: Value

    /// The types that the OpenTelemetry data model knows.
    @nonexhaustive
    public enum Value: Sendable, Hashable {
        case string(String)
        case bool(Bool)
        case int(Int)
        case double(Double)
        case array([Value])
        case map([TelemetryAttribute])
    }

    public init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
    }
}

extension TelemetryAttribute.Value: CustomStringConvertible {
    /// The value as text for people.
    public var description: String {
        switch self {
        case .string(let value): value
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .array(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .map(let entries): "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}

extension [TelemetryAttribute] {
    /// Keeps the first of them, with texts cut to that many characters.
    /// - Returns: How many were left out.
    mutating func limit(to most: Int, text: Int?) -> Int {
        let dropped = Swift.max(0, count - most)
        removeLast(dropped)
        if let text { self = map { TelemetryAttribute($0.key, $0.value.cut(to: text)) } }
        return dropped
    }
}

extension TelemetryAttribute.Value {
    fileprivate func cut(to count: Int) -> Self {
        switch self {
        case .string(let text): .string(String(text.prefix(count)))
        case .array(let values): .array(values.map { $0.cut(to: count) })
        case .map, .bool, .int, .double: self
        }
    }
}
