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
    }

    public init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
    }
}
