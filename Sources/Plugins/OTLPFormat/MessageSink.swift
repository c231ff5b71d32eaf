internal import OrderKernel

/// Takes the fields of OTLP's messages, each with its number for protobuf and its name for JSON.
///
/// Whoever calls leaves out what has its default; what is written stands in the message.
protocol MessageSink: ~Copyable {
    mutating func text(_ field: Int, _ name: StaticString, _ value: String)
    mutating func bool(_ field: Int, _ name: StaticString, _ value: Bool)
    /// An unsigned number of 32 bits, or an enumeration.
    mutating func small(_ field: Int, _ name: StaticString, _ value: UInt32)
    mutating func double(_ field: Int, _ name: StaticString, _ value: Double)
    mutating func fixed32(_ field: Int, _ name: StaticString, _ value: UInt32)
    mutating func fixed64(_ field: Int, _ name: StaticString, _ value: UInt64)
    mutating func signedFixed64(_ field: Int, _ name: StaticString, _ value: Int64)
    mutating func fixed64s(_ field: Int, _ name: StaticString, _ values: [UInt64])
    mutating func doubles(_ field: Int, _ name: StaticString, _ values: [Double])
    /// An id, as its bytes, the highest first.
    mutating func id<Number: FixedWidthInteger & UnsignedInteger>(_ field: Int, _ name: StaticString, _ value: Number)
    mutating func attributes(_ field: Int, _ attributes: TelemetryAttributes)
    mutating func message(_ field: Int, _ name: StaticString, _ body: (inout Self) -> Void)
    /// A repeated message.
    mutating func messages<Element>(
        _ field: Int, _ name: StaticString, _ elements: [Element], _ body: (inout Self, Element) -> Void)
}
